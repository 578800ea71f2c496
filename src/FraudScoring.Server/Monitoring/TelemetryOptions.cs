using System.ComponentModel.DataAnnotations;

namespace FraudScoring.Server.Monitoring;

/// <summary>Section "Telemetry": export of OpenTelemetry spans.</summary>
internal sealed record TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>
    /// Address of an OpenTelemetry collector (OTLP over gRPC), such as "http://collector:4317". Empty: no spans are exported.
    /// </summary>
    [RegularExpression("^https?://.+$", ErrorMessage = "must be an http or https address, or empty")]
    public string OtlpEndpoint { get; init; } = "";

    /// <summary>Share of requests whose spans are exported, 0 to 1. A sampled parent span takes precedence.</summary>
    [Range(0.0, 1.0)]
    public double SampleRatio { get; init; } = 0.01;
}
