using System.Globalization;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Scoring;
using ListenOptions = FraudScoring.Server.Hosting.ListenOptions;

namespace FraudScoring.Demo;

/// <summary>The settings the demo passes to the service. The user's settings follow, and therefore win.</summary>
internal static class DemoSettings
{
    private static readonly KafkaOptions Kafka = new();

    /// <param name="settings">The user's settings, as "--Section:Option=value".</param>
    /// <param name="ageHours">Greatest age of a simulated payment, in hours.</param>
    public static string[] With(string[] settings, int ageHours) =>
    [
        Format(ListenOptions.Section, nameof(ListenOptions.Address), "127.0.0.1"),
        Format(ListenOptions.Section, nameof(ListenOptions.GrpcPort), "0"),
        Format(ListenOptions.Section, nameof(ListenOptions.HttpPort), "0"),
        Format(ScoringOptions.Section, nameof(ScoringOptions.MaxEventAgeHours), ageHours.ToString(CultureInfo.InvariantCulture)),
        "--Logging:LogLevel:Default=Warning",
        "--Logging:Console:LogLevel:Default=None",
        .. Apart(settings),
        .. settings,
    ];

    /// <summary>In the user's own Redis or Kafka, simulated payments must not mix with real ones.</summary>
    private static string[] Apart(string[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine(settings)
            .Build();
        List<string> apart = [];
        if (IsSet(configuration, RedisOptions.Section, nameof(RedisOptions.Configuration)))
        {
            apart.Add(Format(RedisOptions.Section, nameof(RedisOptions.KeyPrefix), "fraud-demo"));
        }
        if (IsSet(configuration, KafkaOptions.Section, nameof(KafkaOptions.BootstrapServers)))
        {
            apart.Add(Format(KafkaOptions.Section, nameof(KafkaOptions.GroupId), Kafka.GroupId + "-demo"));
            apart.Add(Format(KafkaOptions.Section, nameof(KafkaOptions.TransactionsTopic), "demo." + Kafka.TransactionsTopic));
            apart.Add(Format(KafkaOptions.Section, nameof(KafkaOptions.LabelsTopic), "demo." + Kafka.LabelsTopic));
            apart.Add(Format(KafkaOptions.Section, nameof(KafkaOptions.DecisionsTopic), "demo." + Kafka.DecisionsTopic));
        }
        return [.. apart];
    }

    private static bool IsSet(IConfiguration configuration, string section, string option) =>
        !string.IsNullOrEmpty(configuration[$"{section}:{option}"]);

    private static string Format(string section, string option, string value) => $"--{section}:{option}={value}";
}
