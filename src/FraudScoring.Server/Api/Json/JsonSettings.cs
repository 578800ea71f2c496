namespace FraudScoring.Server.Api.Json;

/// <summary>How requests in JSON are read.</summary>
/// <param name="MaxBytes">Largest body, which the web server enforces.</param>
/// <param name="IgnoresUnknownFields">Whether fields that a message does not have are skipped.</param>
internal sealed record JsonSettings(int MaxBytes, bool IgnoresUnknownFields);
