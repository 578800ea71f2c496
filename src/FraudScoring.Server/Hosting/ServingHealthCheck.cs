using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FraudScoring.Server.Hosting;

/// <summary>Healthy with a model and Redis; degraded, since payments are answered all the same, without Redis or while the model is
/// in quarantine; unhealthy without a model.</summary>
internal sealed class ServingHealthCheck(DeploymentHost deployments, RedisConnections redis) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!deployments.IsDeployed)
        {
            // gRPC health checks are published from the start of the host on.
            return Task.FromResult(HealthCheckResult.Unhealthy("The service is starting."));
        }
        var model = deployments.Current.Router.Route();
        var isQuarantined = model?.Ensemble.Quarantine.IsQuarantined == true;
        model?.Return();
        return Task.FromResult(model is null ? HealthCheckResult.Unhealthy("No model is in force.")
            : isQuarantined ? HealthCheckResult.Degraded("The model is in quarantine: rules alone decide.")
            : !redis.Reading.IsConnected ? HealthCheckResult.Degraded("Redis is not connected: features are missing.")
            : HealthCheckResult.Healthy());
    }
}
