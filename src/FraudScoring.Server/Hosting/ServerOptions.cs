using System.Security.Cryptography;
using System.Text;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Api;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Embedded;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Scoring;

namespace FraudScoring.Server.Hosting;

/// <summary>
/// Every section of the configuration, read and checked. Pure: it opens no file, no connection and no device, so that all faults of all
/// sections are known before anything starts.
/// </summary>
internal sealed record ServerOptions(
    ListenOptions Listen, ScoringOptions Scoring, ModelsOptions Models, ServingOptions Serving, InferenceOptions Inference, RedisOptions Redis,
    KafkaOptions Kafka, TelemetryOptions Telemetry)
{
    private static readonly string[] Sections =
        [ListenOptions.Section, ScoringOptions.Section, RedisOptions.Section, KafkaOptions.Section, TelemetryOptions.Section,
            EmbeddedOptions.Section, ModelsOptions.Section, InferenceOptions.Section, ServingOptions.Section, "Logging", "AllowedHosts"];

    /// <summary>Names of the sections the service reads.</summary>
    public static IReadOnlyList<string> SectionNames => Sections;

    /// <summary>Reads and checks all sections.</summary>
    /// <exception cref="StartFaultsException">Something is wrong; all of it is named.</exception>
    public static ServerOptions Bind(IConfiguration configuration)
    {
        var faults = new Faults();
        var options = new ServerOptions(
            OptionsReader.Bind<ListenOptions>(configuration, ListenOptions.Section, faults),
            OptionsReader.Bind<ScoringOptions>(configuration, ScoringOptions.Section, faults),
            OptionsReader.Bind<ModelsOptions>(configuration, ModelsOptions.Section, faults),
            OptionsReader.Bind<ServingOptions>(configuration, ServingOptions.Section, faults),
            OptionsReader.Bind<InferenceOptions>(configuration, InferenceOptions.Section, faults),
            OptionsReader.Bind<RedisOptions>(configuration, RedisOptions.Section, faults),
            OptionsReader.Bind<KafkaOptions>(configuration, KafkaOptions.Section, faults),
            OptionsReader.Bind<TelemetryOptions>(configuration, TelemetryOptions.Section, faults));
        options.Listen.Check(faults);
        options.CheckAddresses(OptionsReader.Bind<EmbeddedOptions>(configuration, EmbeddedOptions.Section, faults), faults);
        options.Models.Check(faults);
        return faults.Count > 0 ? throw new StartFaultsException(faults) : options;
    }

    /// <summary>The hasher of entity keys: with the configured secret, or with a random one for the embedded store.</summary>
    public EntityHasher CreateHasher() =>
        new(Redis.EntityHashSecret.Length > 0 ? Encoding.UTF8.GetBytes(Redis.EntityHashSecret) : RandomNumberGenerator.GetBytes(32));

    private void CheckAddresses(EmbeddedOptions embedded, Faults faults)
    {
        const string missing = "is empty, and Embedded:Allowed is false; give an address";
        if (!embedded.Allowed && Redis.Configuration.Length == 0)
        {
            faults.Add("Redis:Configuration", missing);
        }
        if (!embedded.Allowed && Kafka.BootstrapServers.Length == 0)
        {
            faults.Add("Kafka:BootstrapServers", missing);
        }
        if (Redis is { Configuration.Length: > 0, EntityHashSecret.Length: 0 })
        {
            faults.Add("Redis:EntityHashSecret", "must be set when Redis:Configuration is: all instances and restarts must name the same keys");
        }
        if (Redis.Configuration.Length > 0 && RedisConnections.FindConfigurationFault(Redis.Configuration) is { } reason)
        {
            faults.Add("Redis:Configuration", reason);
        }
    }
}
