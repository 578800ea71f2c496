using System.Security.Cryptography;
using System.Text;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Rollout;
using FraudScoring.Server.Api;
using FraudScoring.Server.Embedded;
using FraudScoring.Server.Features;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Scoring;
using FraudScoring.Server.Streams;

namespace FraudScoring.Server;

/// <summary>All that the service is told from outside, checked: options, catalogue, policy and model.</summary>
internal sealed record ServerConfiguration(
    ListenOptions Listen, ScoringOptions Scoring, RedisOptions Redis, KafkaOptions Kafka, TelemetryOptions Telemetry,
    FeatureCatalogue Catalogue, DecisionPolicy Policy, ModelSnapshot Champion)
{
    private static readonly string[] Sections =
        [ListenOptions.Section, ScoringOptions.Section, RedisOptions.Section, KafkaOptions.Section, TelemetryOptions.Section,
            EmbeddedOptions.Section, "Logging", "AllowedHosts"];

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
        var folder = Path.Combine(AppContext.BaseDirectory, scoring.ModelsFolder);
        var (catalogue, policy, champion) = ReadModels(folder, faults);
        return faults.Count > 0
            ? throw new StartFaultsException(faults)
            : new ServerConfiguration(listen, scoring, redis, kafka, telemetry, catalogue!, policy!, champion!);
    }

    /// <summary>The hasher of entity keys: with the configured secret, or with a random one beside the embedded store.</summary>
    public EntityHasher Hasher() => new(Redis.EntityHashSecret.Length > 0 ? Encoding.UTF8.GetBytes(Redis.EntityHashSecret) : RandomNumberGenerator.GetBytes(32));

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

    private static (FeatureCatalogue?, DecisionPolicy?, ModelSnapshot?) ReadModels(string folder, List<Fault> faults)
    {
        var catalogue = ReadFile(Path.Combine(folder, "features.json"), faults) is { } features ? Collect(CatalogueReader.Read(features, out var f), f, "features.json", faults) : null;
        if (catalogue is null)
        {
            return default;
        }
        var policy = ReadFile(Path.Combine(folder, "policy.json"), faults) is { } rules ? Collect(PolicyReader.Read(rules, catalogue, out f), f, "policy.json", faults) : null;
        var champion = ModelRegistry.LoadChampion(folder, catalogue, out f);
        faults.AddRange(f);
        return (catalogue, policy, champion);
    }

    private static T? Collect<T>(T? value, List<Fault> found, string file, List<Fault> faults)
    {
        faults.AddRange(found.Select(fault => fault with { Field = $"{file} {fault.Field}" }));
        return value;
    }

    private static byte[]? ReadFile(string path, List<Fault> faults)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(new Fault(path, $"cannot be read: {e.Message}"));
            return null;
        }
    }
}
