using System.Security.Cryptography;
using System.Text;
using FraudScoring.Core.Catalogue;
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

/// <summary>All that the service is told from outside, checked: options, and catalogue, policy and model now and next.</summary>
internal sealed record ServerConfiguration(
    ListenOptions Listen, ScoringOptions Scoring, RedisOptions Redis, KafkaOptions Kafka, TelemetryOptions Telemetry,
    ModelsOptions ModelsOptions, ServingOptions Serving, ModelsFolder Models, ModelsFolder? NextModels, InferenceMonitor Monitor, string DeviceFound)
{
    private static readonly string[] Sections =
        [ListenOptions.Section, ScoringOptions.Section, RedisOptions.Section, KafkaOptions.Section, TelemetryOptions.Section,
            EmbeddedOptions.Section, ModelsOptions.Section, InferenceOptions.Section, ServingOptions.Section, "Logging", "AllowedHosts"];

    /// <summary>Reads and checks everything.</summary>
    /// <exception cref="StartFaultsException">Something is wrong; all of it is named.</exception>
    public static ServerConfiguration Read(IConfiguration configuration)
    {
        var faults = new List<Fault>();
        var listen = OptionsReader.Read<ListenOptions>(configuration, ListenOptions.Section, faults);
        var scoring = OptionsReader.Read<ScoringOptions>(configuration, ScoringOptions.Section, faults);
        var redis = OptionsReader.Read<RedisOptions>(configuration, RedisOptions.Section, faults);
        var kafka = OptionsReader.Read<KafkaOptions>(configuration, KafkaOptions.Section, faults);
        var telemetry = OptionsReader.Read<TelemetryOptions>(configuration, TelemetryOptions.Section, faults);
        CheckEmbedded(OptionsReader.Read<EmbeddedOptions>(configuration, EmbeddedOptions.Section, faults), redis, kafka, faults);
        if (redis is { Configuration.Length: > 0, EntityHashSecret.Length: 0 })
        {
            faults.Add(new Fault("Redis:EntityHashSecret", "must be set when Redis:Configuration is: all instances and restarts must name the same keys"));
        }
        var serving = OptionsReader.Read<ServingOptions>(configuration, ServingOptions.Section, faults);
        var rollout = OptionsReader.Read<ModelsOptions>(configuration, ModelsOptions.Section, faults);
        var seals = rollout.Seals(faults);
        if (rollout.UserModelsFolder.Length > 0 && !Directory.Exists(Path.Combine(AppContext.BaseDirectory, rollout.UserModelsFolder)))
        {
            faults.Add(new Fault($"{ModelsOptions.Section}:UserModelsFolder", "is not a folder"));
        }
        var monitor = new InferenceMonitor();
        var settings = OptionsReader.Read<InferenceOptions>(configuration, InferenceOptions.Section, faults)
            .Settings(monitor, TimeProvider.System, faults, out var found);
        var models = ModelsFolder.Read(scoring.ModelsFolder, seals, settings, faults);
        var next = scoring.NextModelsFolder.Length == 0 ? null : ModelsFolder.Read(scoring.NextModelsFolder, seals, settings, faults);
        if (models is not null && next is not null)
        {
            faults.AddRange(CatalogueChange.Faults(models.Catalogue, next.Catalogue).Select(fault => fault with { Field = $"{next.Name} {fault.Field}" }));
        }
        return faults.Count > 0
            ? throw new StartFaultsException(faults)
            : new ServerConfiguration(listen, scoring, redis, kafka, telemetry, rollout, serving, models!, next, monitor, found);
    }

    /// <summary>The hasher of entity keys: with the configured secret, or with a random one beside the embedded store.</summary>
    public EntityHasher Hasher() =>
        new(Redis.EntityHashSecret.Length > 0 ? Encoding.UTF8.GetBytes(Redis.EntityHashSecret) : RandomNumberGenerator.GetBytes(32));

    /// <summary>Names of the sections the service reads.</summary>
    public static IReadOnlyList<string> SectionNames => Sections;

    private static void CheckEmbedded(EmbeddedOptions embedded, RedisOptions redis, KafkaOptions kafka, List<Fault> faults)
    {
        const string message = "is empty, and Embedded:Allowed is false; give an address";
        if (!embedded.Allowed && redis.Configuration.Length == 0)
        {
            faults.Add(new Fault("Redis:Configuration", message));
        }
        if (!embedded.Allowed && kafka.BootstrapServers.Length == 0)
        {
            faults.Add(new Fault("Kafka:BootstrapServers", message));
        }
    }
}
