namespace FraudScoring.Server.Embedded;

/// <summary>Section "Embedded": whether the servers inside this process may be used.</summary>
internal sealed record EmbeddedOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Embedded";

    /// <summary>An empty Redis:Configuration or Kafka:BootstrapServers means the embedded one; when false, it stops the start instead.</summary>
    public bool Allowed { get; init; } = true;
}
