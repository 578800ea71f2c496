using System.ComponentModel.DataAnnotations;

namespace FraudScoring.Server.Monitoring;

/// <summary>Section "Telemetry": where spans go.</summary>
internal sealed record TelemetryOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Telemetry";

    /// <summary>Address of an OpenTelemetry collector (OTLP over gRPC), such as "http://collector:4317". Empty: no spans are made.</summary>
    [RegularExpression("^https?://.+$", ErrorMessage = "{0} must be an http or https address, or empty.")]
    public string OtlpEndpoint { get; init; } = "";

    /// <summary>Share of payments whose spans are kept, 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double SampleRatio { get; init; } = 0.01;
}
