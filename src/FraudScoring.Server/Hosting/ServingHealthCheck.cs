using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Scoring;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FraudScoring.Server.Hosting;

/// <summary>
/// Unhealthy, so not ready, only while no answer can be given. What merely limits the answers makes it degraded, which is still ready: a
/// fault of Redis or Kafka concerns all instances, and must not take all of them out of service.
/// </summary>
internal sealed class ServingHealthCheck(
    DeploymentHost deployments, RedisConnections redis, RedisBreakers breakers, DecisionProducer decisions, ScoringOptions scoring,
    IHostApplicationLifetime lifetime) : IHealthCheck
{
    /// <summary>Key of the reasons in the result's data.</summary>
    public const string Reasons = "reasons";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var preventing = Preventing().ToList();
        HealthReason[] all = [.. preventing, .. deployments.IsDeployed ? Limiting(deployments.Current) : []];
        var status = preventing.Count > 0 ? HealthStatus.Unhealthy : all.Length > 0 ? HealthStatus.Degraded : HealthStatus.Healthy;
        return Task.FromResult(new HealthCheckResult(
            status, all.FirstOrDefault()?.Text, data: new Dictionary<string, object> { [Reasons] = all }));
    }

    /// <summary>Why no answer can be given.</summary>
    private IEnumerable<HealthReason> Preventing()
    {
        // gRPC health checks run as soon as the host starts.
        if (!deployments.IsDeployed)
        {
            yield return new HealthReason("starting", "The service is starting.");
        }
        else if (deployments.Current.Router.Loaded.Champion is null)
        {
            yield return new HealthReason("no_model", "No model is loaded; check registry.json.");
        }
        if (decisions is { IsFull: true, RequiresRecord: true })
        {
            yield return new HealthReason(
                "spool_full", "The spool takes no decisions, and Spool:WhenFull is Refuse; payments are refused.");
        }
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            yield return new HealthReason("stopping", "The service is stopping, and takes no new calls.");
        }
    }

    /// <summary>What limits the answers of a deployment.</summary>
    private IEnumerable<HealthReason> Limiting(Deployment deployment)
    {
        var model = deployment.Router.Route();
        var isQuarantined = model?.Ensemble.Quarantine.IsQuarantined == true;
        model?.Return();
        if (isQuarantined)
        {
            yield return new HealthReason("champion_quarantined", "The champion is in quarantine; rules alone decide.");
        }
        if (!redis.Reading.IsConnected)
        {
            yield return new HealthReason("redis_not_connected", "Redis is not connected; payments are scored without history.");
        }
        else if (breakers.IsAnyOpen)
        {
            yield return new HealthReason("redis_silent", "Redis does not answer in time; payments are scored without history.");
        }
        if (deployment.Secret.IsOther)
        {
            yield return new HealthReason("other_secret",
                "The profiles in Redis are those of another Redis:EntityHashSecret; payments are scored without history.");
        }
        if (decisions is { IsFull: true, RequiresRecord: false })
        {
            yield return new HealthReason("spool_full", "The spool takes no decisions; payments are answered without a record.");
        }
        if (deployment.History.IsMissing)
        {
            yield return new HealthReason(
                "history_missing", "Records of the windows were lost; features are stale until the windows have passed.");
        }
        var limit = TimeSpan.FromSeconds(scoring.StaleAfterSeconds);
        if (deployment.PaymentsHealth.Lag > limit)
        {
            yield return new HealthReason("transactions_late", "Transactions wait to be applied; features are stale.");
        }
        if (deployment.LabelsHealth.Lag > limit)
        {
            yield return new HealthReason("labels_late", "Labels wait to be applied; features over labels are late.");
        }
    }
}
