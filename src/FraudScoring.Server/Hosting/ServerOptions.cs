using System.Security.Cryptography;
using System.Text;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Admission;
using FraudScoring.Server.Api;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Embedded;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Scoring;
using FraudScoring.Server.Spool;
using FraudScoring.Server.Streams;
using Microsoft.Extensions.Configuration.CommandLine;

namespace FraudScoring.Server.Hosting;

/// <summary>
/// Every section of the configuration, read and checked. Opens no file, connection or device, so that the faults of all sections are known
/// before anything starts.
/// </summary>
internal sealed record ServerOptions(
    ListenOptions Listen, ScoringOptions Scoring, ModelsOptions Models, ServingOptions Serving, InferenceOptions Inference,
    RedisOptions Redis, KafkaOptions Kafka, StreamsOptions Streams, LabelsOptions Labels, SpoolOptions Spool, TelemetryOptions Telemetry,
    AdmissionOptions Admission)
{
    private static readonly string[] Sections =
        [ListenOptions.Section, ScoringOptions.Section, RedisOptions.Section, KafkaOptions.Section, StreamsOptions.Section,
            LabelsOptions.Section, SpoolOptions.Section, AdmissionOptions.Section,
            TelemetryOptions.Section, EmbeddedOptions.Section, ModelsOptions.Section, InferenceOptions.Section, ServingOptions.Section,
            "Logging", "AllowedHosts"];

    // Settings that the .NET host reads.
    private static readonly string[] HostSections = ["hostBuilder", "applicationName", "contentRoot", "environment"];

    public static IReadOnlyList<string> SectionNames => Sections;

    /// <summary>Reads and checks all sections.</summary>
    /// <exception cref="StartFaultsException">There are faults; the message names all of them.</exception>
    public static ServerOptions Bind(IConfiguration configuration)
    {
        var faults = new Faults();
        CheckSections(configuration, faults);
        CheckLogLevels(configuration.GetSection("Logging"), faults);
        var options = new ServerOptions(
            OptionsReader.Bind<ListenOptions>(configuration, ListenOptions.Section, faults),
            OptionsReader.Bind<ScoringOptions>(configuration, ScoringOptions.Section, faults),
            OptionsReader.Bind<ModelsOptions>(configuration, ModelsOptions.Section, faults),
            OptionsReader.Bind<ServingOptions>(configuration, ServingOptions.Section, faults),
            OptionsReader.Bind<InferenceOptions>(configuration, InferenceOptions.Section, faults),
            OptionsReader.Bind<RedisOptions>(configuration, RedisOptions.Section, faults),
            OptionsReader.Bind<KafkaOptions>(configuration, KafkaOptions.Section, faults),
            OptionsReader.Bind<StreamsOptions>(configuration, StreamsOptions.Section, faults),
            OptionsReader.Bind<LabelsOptions>(configuration, LabelsOptions.Section, faults),
            OptionsReader.Bind<SpoolOptions>(configuration, SpoolOptions.Section, faults),
            OptionsReader.Bind<TelemetryOptions>(configuration, TelemetryOptions.Section, faults),
            OptionsReader.Bind<AdmissionOptions>(configuration, AdmissionOptions.Section, faults));
        options.Listen.Check(faults);
        options.CheckAddresses(OptionsReader.Bind<EmbeddedOptions>(configuration, EmbeddedOptions.Section, faults), faults);
        options.Kafka.Check(faults);
        options.Spool.Check(faults);
        options.Models.Check(faults);
        return faults.Count > 0 ? throw new StartFaultsException(faults) : options;
    }

    /// <summary>Creates the hashers of entity keys, with the configured secrets or, for the embedded store, a random one.</summary>
    public EntityHashers CreateHashers() => new(
        new(Redis.EntityHashSecret.Length > 0 ? Encoding.UTF8.GetBytes(Redis.EntityHashSecret) : RandomNumberGenerator.GetBytes(32)),
        Redis.PreviousEntityHashSecret.Length > 0 ? new(Encoding.UTF8.GetBytes(Redis.PreviousEntityHashSecret)) : null);

    /// <summary>
    /// Adds a fault for each unknown section of a file or the command line. The environment is not checked, because it also holds the
    /// variables of other programs.
    /// </summary>
    private static void CheckSections(IConfiguration configuration, Faults faults)
    {
        var sources = (configuration as IConfigurationRoot)?.Providers
            .Where(provider => provider is FileConfigurationProvider or CommandLineConfigurationProvider) ?? [];
        foreach (var name in sources.SelectMany(source => source.GetChildKeys([], null)).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (!Sections.Contains(name, StringComparer.OrdinalIgnoreCase)
                && !HostSections.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                faults.Add(name, $"is not a section; sections are {string.Join(", ", Sections)}");
            }
        }
    }

    /// <summary>
    /// Adds a fault for each unknown log level, of all loggers (Logging:LogLevel) and of each (Logging:Console:LogLevel).
    /// </summary>
    private static void CheckLogLevels(IConfigurationSection section, Faults faults)
    {
        foreach (var child in section.GetChildren())
        {
            if (section.Key == "LogLevel" && !Enum.TryParse<LogLevel>(child.Value, ignoreCase: true, out _))
            {
                faults.Add(child.Path, $"is not one of {string.Join(", ", Enum.GetNames<LogLevel>())}");
            }
            CheckLogLevels(child, faults);
        }
    }

    private void CheckAddresses(EmbeddedOptions embedded, Faults faults)
    {
        const string missing = "must be set, because Embedded:Allowed is false";
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
            faults.Add(
                "Redis:EntityHashSecret",
                "must be set when Redis:Configuration is set; use the same secret on all instances and keep it across restarts");
        }
        if (Redis.PreviousEntityHashSecret.Length > 0 && Redis.PreviousEntityHashSecret == Redis.EntityHashSecret)
        {
            faults.Add("Redis:PreviousEntityHashSecret", "must not be the current secret; leave it empty when no secret is being replaced");
        }
        if (Redis is { PreviousEntityHashSecret.Length: > 0, EntityHashSecret.Length: 0 })
        {
            faults.Add("Redis:EntityHashSecret", "must be set when Redis:PreviousEntityHashSecret is set");
        }
        if (Redis.Configuration.Length > 0 && RedisConnections.FindConfigurationFault(Redis.Configuration) is { } reason)
        {
            faults.Add("Redis:Configuration", reason);
        }
    }
}
