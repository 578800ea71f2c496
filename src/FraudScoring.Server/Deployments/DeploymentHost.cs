using FraudScoring.Server.Features;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Scoring;

namespace FraudScoring.Server.Deployments;

/// <summary>
/// The deployment in force, and the one that follows it. While consumers of its own build the next one's profiles from the log, the current
/// one serves. When both of its streams are caught up, the next one takes over by one assignment.
/// </summary>
internal sealed class DeploymentHost(DeploymentFactory factory, ScoringOptions options, TimeProvider time, ILogger<DeploymentHost> log) : IDisposable
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan CaughtUpWithin = TimeSpan.FromSeconds(2);

    private Deployment? _current;
    private Deployment? _next;

    /// <summary>False while the service starts: nothing is deployed yet.</summary>
    public bool IsDeployed => Volatile.Read(ref _current) is not null;

    /// <summary>The deployment in force.</summary>
    /// <exception cref="InvalidOperationException">Nothing is deployed yet.</exception>
    public Deployment Current => Volatile.Read(ref _current) ?? throw new InvalidOperationException("Nothing is deployed yet: the service is starting.");

    /// <summary>All deployments, the one in force first.</summary>
    public IEnumerable<Deployment> All => _next is null || _next == Current ? [Current] : [Current, _next];

    /// <summary>Builds the deployment in force and, if there is one, the next. Called once, when Redis and Kafka are open.</summary>
    public void Deploy(ModelsFolder current, ModelsFolder? next)
    {
        _next = next is null ? null : factory.Create(next);
        Volatile.Write(ref _current, factory.Create(current));
        var (catalogue, bundle) = (current.Catalogue, current.Loaded.Champion!.Ensemble.Bundle);
        log.ModelInForce(catalogue.Features.Count, catalogue.Hash[..12], bundle.Manifest.Model, bundle.Manifest.Version, bundle.Hash[..12]);
    }

    /// <summary>Starts the consumers of all deployments.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(All.Select(deployment => deployment.StartAsync(cancellationToken)));

    /// <summary>Lets the next deployment take over when it is caught up. Completes when a consumer fails, and rethrows its exception.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var before = Current;
        if (_next is not { } next)
        {
            await before.RunAsync().WaitAsync(stop);
            return;
        }
        await await Task.WhenAny(BackfillAsync(next, stop), before.RunAsync(), next.RunAsync()).WaitAsync(stop);
        Volatile.Write(ref _current, next);
        ServerMetrics.CatalogueSwitches.Inc();
        log.CatalogueSwitched(next.Models.Name, next.Catalogue.Hash[..12], before.Catalogue.Hash[..12]);
        await before.StopAsync(stop);
        // Payments that are on the old deployment's path end on it.
        await Task.Delay(TimeSpan.FromMilliseconds(options.BudgetMs * 2), time, stop);
        before.Router.Dispose();
        await next.RunAsync().WaitAsync(stop);
    }

    /// <summary>Stops the consumers of all deployments.</summary>
    public Task StopAsync(CancellationToken cancellationToken) =>
        _current is null ? Task.CompletedTask : Task.WhenAll(All.Select(deployment => deployment.StopAsync(cancellationToken)));

    /// <inheritdoc />
    public void Dispose()
    {
        _current?.Router.Dispose();
        _next?.Router.Dispose();
    }

    private async Task BackfillAsync(Deployment deployment, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        var most = 0L;
        for (var reportedAt = 0L; !IsCaughtUp(deployment.PaymentsHealth) || !IsCaughtUp(deployment.LabelsHealth);)
        {
            await Task.Delay(CheckInterval, time, stop);
            var left = deployment.PaymentsHealth.Remaining + deployment.LabelsHealth.Remaining;
            most = Math.Max(most, left);
            ServerMetrics.BackfillRemaining.Set(left);
            if (time.GetElapsedTime(reportedAt) >= ReportInterval && most > 0)
            {
                reportedAt = time.GetTimestamp();
                var done = 1 - ((double)left / most);
                var elapsed = time.GetElapsedTime(start);
                log.BackfillProgress(deployment.Models.Name, done, left,
                    done > 0 ? TimeSpan.FromSeconds(Math.Round((elapsed / done * (1 - done)).TotalSeconds)) : null);
            }
        }
        ServerMetrics.BackfillRemaining.Set(0);
    }

    private static bool IsCaughtUp(StreamHealth health) => health.IsReported && health.Lag < CaughtUpWithin;
}
