using System.Diagnostics;

namespace FraudScoring.Server.Monitoring;

/// <summary>The source of the service's spans.</summary>
internal static class ServerTracing
{
    public const string Name = "FraudScoring";

    public static readonly ActivitySource Source = new(Name);
}
