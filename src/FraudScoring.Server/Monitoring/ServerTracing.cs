using System.Diagnostics;

namespace FraudScoring.Server.Monitoring;

/// <summary>The source of the service's spans.</summary>
internal static class ServerTracing
{
    /// <summary>Name of the source.</summary>
    public const string Name = "FraudScoring";

    /// <summary>The source.</summary>
    public static readonly ActivitySource Source = new(Name);
}
