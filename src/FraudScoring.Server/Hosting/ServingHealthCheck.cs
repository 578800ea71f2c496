using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FraudScoring.Server.Hosting;

/// <summary>
/// Healthy with a model and Redis. Degraded, since payments are still answered, without Redis or while the champion is in quarantine.
/// Unhealthy without a model and during the start.
/// </summary>
internal sealed class ServingHealthCheck(DeploymentHost deployments, RedisConnections redis) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!deployments.IsDeployed)
        {
            // gRPC health checks run as soon as the host starts.
            return Task.FromResult(HealthCheckResult.Unhealthy("The service is starting."));
        }
        var model = deployments.Current.Router.Route();
        var isQuarantined = model?.Ensemble.Quarantine.IsQuarantined == true;
        model?.Return();
        return Task.FromResult(model is null ? HealthCheckResult.Unhealthy("No model is loaded; check registry.json.")
            : isQuarantined ? HealthCheckResult.Degraded("The champion is in quarantine; rules alone decide.")
            : !redis.Reading.IsConnected ? HealthCheckResult.Degraded("Redis is not connected; payments are scored without history.")
            : HealthCheckResult.Healthy());
    }
}
