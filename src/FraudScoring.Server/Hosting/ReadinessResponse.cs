using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FraudScoring.Server.Hosting;

/// <summary>The body of /health/ready: <c>{"status":"ready","reasons":[{"code":"redis_not_connected","text":"…"}]}</c>.</summary>
internal static class ReadinessResponse
{
    /// <summary>Writes whether the service is ready, and all reasons that limit or prevent its answers.</summary>
    public static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        var reasons = report.Entries.Values.SelectMany(entry => entry.Data.TryGetValue(ServingHealthCheck.Reasons, out var found)
            ? (HealthReason[])found
            : entry.Exception is { } failure ? [new HealthReason("check_failed", failure.Message)] : []);
        var status = report.Status == HealthStatus.Unhealthy ? "not_ready" : "ready";
        return context.Response.WriteAsync(
            JsonSerializer.Serialize(new { Status = status, Reasons = reasons }, JsonSerializerOptions.Web), context.RequestAborted);
    }
}
