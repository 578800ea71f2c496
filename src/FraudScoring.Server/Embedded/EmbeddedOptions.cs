namespace FraudScoring.Server.Embedded;

/// <summary>Section "Embedded": the Redis and Kafka servers inside this process.</summary>
internal sealed record EmbeddedOptions
{
    public const string Section = "Embedded";

    /// <summary>
    /// Whether an empty Redis:Configuration or Kafka:BootstrapServers starts the embedded server; if false, the service does not start.
    /// Default: true.
    /// </summary>
    public bool Allowed { get; init; } = true;
}
