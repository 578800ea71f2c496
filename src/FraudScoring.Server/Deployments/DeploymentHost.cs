using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Scoring;
using FraudScoring.Server.Streams;

namespace FraudScoring.Server.Deployments;

/// <summary>
/// The active deployment and, during a catalogue change, the next one. The next deployment builds its profiles from the Kafka log with
/// consumers of its own while the active one serves. It takes over, by one assignment, when every partition of both topics has been read to
/// the end that it had at the start, whichever instance read it.
/// </summary>
/// <remarks>
/// Profiles of another layout have other Redis keys and other consumer groups, so the two deployments cannot disturb each other, and a
/// change that is abandoned leaves the active profiles untouched. Converting the profiles in place would need no second copy, but a new
/// window may need records that the old profiles never kept. The cost is twice the Redis memory, the claims of the transactions that
/// are read, and twice the consumption meanwhile.
/// </remarks>
internal sealed class DeploymentHost(
    DeploymentFactory factory, ErasureReader erasures, ScoringOptions options, TimeProvider time, ILogger<DeploymentHost> log)
    : IDisposable
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ErasuresLimit = TimeSpan.FromSeconds(5);

    private Deployment? _current;
    private Deployment? _next;

    /// <summary>False while the service starts.</summary>
    public bool IsDeployed => Volatile.Read(ref _current) is not null;

    /// <summary>The active deployment.</summary>
    /// <exception cref="InvalidOperationException">The service is still starting.</exception>
    public Deployment Current => Volatile.Read(ref _current)
        ?? throw new InvalidOperationException("Nothing is deployed yet: the service is starting.");

    /// <summary>All deployments, the active one first.</summary>
    public IEnumerable<Deployment> All => _next is null || _next == Current ? [Current] : [Current, _next];

    /// <summary>Builds the active deployment and, if given, the next one. Called once, when Redis and Kafka are open.</summary>
    public void Deploy(ModelsFolder current, ModelsFolder? next)
    {
        _next = next is null ? null : factory.Create(next);
        Activate(factory.Create(current));
        var (catalogue, bundle) = (current.Catalogue, current.Loaded.Champion!.Ensemble.Bundle);
        log.DeploymentActive(
            catalogue.Hash[..12], catalogue.Features.Count, bundle.Manifest.Model, bundle.Manifest.Version, bundle.Hash[..12]);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(
        [erasures.StartAsync(cancellationToken), .. All.Select(deployment => deployment.StartAsync(cancellationToken))]);

    /// <summary>
    /// Waits until the erasures are known: a profile from before an erasure would be read with the erased history. If Kafka does not
    /// answer, the wait ends after 5 s, because a fault of Kafka must not keep instances from starting.
    /// </summary>
    public Task WaitForErasuresAsync(CancellationToken cancellationToken) =>
        Task.WhenAny(Current.Keys.ErasuresKnown, Task.Delay(ErasuresLimit, time, cancellationToken));

    /// <summary>
    /// Switches to the next deployment when it has caught up. Completes when a consumer fails, and rethrows its exception.
    /// </summary>
    public async Task RunAsync(CancellationToken stop) =>
        await await Task.WhenAny(RunDeploymentsAsync(stop), erasures.ExecuteTask ?? Task.CompletedTask);

    public Task StopAsync(CancellationToken cancellationToken) =>
        _current is null ? Task.CompletedTask : Task.WhenAll(
            [erasures.StopAsync(cancellationToken), .. All.Select(deployment => deployment.StopAsync(cancellationToken))]);

    /// <inheritdoc />
    public void Dispose()
    {
        _current?.Router.Dispose();
        _next?.Router.Dispose();
    }

    private async Task RunDeploymentsAsync(CancellationToken stop)
    {
        var before = Current;
        if (_next is not { } next)
        {
            await before.RunAsync().WaitAsync(stop);
            return;
        }
        await await Task.WhenAny(BackfillAsync(next, stop), before.RunAsync(), next.RunAsync()).WaitAsync(stop);
        foreach (var gauges in before.Gauges)
        {
            gauges.Deactivate();
        }
        Activate(next);
        ServerMetrics.CatalogueSwitches.Inc();
        log.CatalogueSwitched(next.Models.Name, next.Catalogue.Hash[..12], before.Catalogue.Hash[..12]);
        await before.StopAsync(stop);
        // A payment that took the old deployment before the assignment finishes on it, with its models and profiles. Payments are bounded
        // by their budget, so waiting twice the budget costs less than counting references on the hot path.
        await Task.Delay(TimeSpan.FromMilliseconds(options.BudgetMs * 2), time, stop);
        before.Router.Dispose();
        await next.RunAsync().WaitAsync(stop);
    }

    private async Task BackfillAsync(Deployment deployment, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        // The share is measured against the most records seen waiting: how many there are is only known once partitions are assigned.
        var most = 0L;
        for (var reportedAt = 0L; !deployment.HasReadUpToStart;)
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
                    done > 0 ? $"{TimeSpan.FromSeconds(Math.Round((elapsed / done * (1 - done)).TotalSeconds)):c}" : "unknown");
            }
        }
        ServerMetrics.BackfillRemaining.Set(0);
    }

    private void Activate(Deployment deployment)
    {
        foreach (var gauges in deployment.Gauges)
        {
            gauges.Activate();
        }
        Volatile.Write(ref _current, deployment);
    }
}
