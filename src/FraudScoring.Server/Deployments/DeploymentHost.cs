using FraudScoring.Server.Features;
using FraudScoring.Server.Hosting;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Scoring;

namespace FraudScoring.Server.Deployments;

/// <summary>
/// The line in service, and the one that follows it: while the next one's profiles are built from the log by consumers of their own, the
/// current one serves; when both of its streams are caught up, it takes over by one assignment.
/// </summary>
internal sealed class DeploymentHost : BackgroundService
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CaughtUpWithin = TimeSpan.FromSeconds(2);

    private readonly Deployment? _next;
    private readonly ScoringOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private Deployment _current;

    public DeploymentHost(IServiceProvider services, ServerConfiguration configuration, TimeProvider time, ILogger<DeploymentHost> log)
    {
        (_options, _time, _log) = (configuration.Scoring, time, log);
        _current = new Deployment(services, configuration.Models);
        _next = configuration.NextModels is null ? null : new Deployment(services, configuration.NextModels);
    }

    /// <summary>The line in service.</summary>
    public Deployment Current => Volatile.Read(ref _current);

    /// <summary>All lines: the one in service first.</summary>
    public IEnumerable<Deployment> All => _next is null || _next == Current ? [Current] : [Current, _next];

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(All.Select(line => line.StopAsync(cancellationToken)));
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        base.Dispose();
        foreach (var line in All)
        {
            line.Router.Dispose();
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.WhenAll(All.Select(line => line.StartAsync(stoppingToken)));
        var before = Current;
        if (_next is null)
        {
            await before.FailedAsync();
            return;
        }
        await await Task.WhenAny(BackfillAsync(_next, stoppingToken), before.FailedAsync(), _next.FailedAsync());
        Volatile.Write(ref _current, _next);
        ServerMetrics.CatalogueSwitches.Inc();
        _log.CatalogueSwitched(_next.Models.Name, _next.Catalogue.Hash[..12], before.Catalogue.Hash[..12]);
        await before.StopAsync(stoppingToken);
        // Payments that are on the old line's path end on it.
        await Task.Delay(TimeSpan.FromMilliseconds(_options.BudgetMs * 2), _time, stoppingToken);
        before.Router.Dispose();
        await _next.FailedAsync();
    }

    private async Task BackfillAsync(Deployment line, CancellationToken stop)
    {
        var start = _time.GetTimestamp();
        var most = 0L;
        for (var reportedAt = 0L; !IsCaughtUp(line.PaymentsHealth) || !IsCaughtUp(line.LabelsHealth);)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), _time, stop);
            var left = line.PaymentsHealth.Remaining + line.LabelsHealth.Remaining;
            most = Math.Max(most, left);
            ServerMetrics.BackfillRemaining.Set(left);
            if (_time.GetElapsedTime(reportedAt) >= ReportInterval && most > 0)
            {
                reportedAt = _time.GetTimestamp();
                var done = 1 - ((double)left / most);
                var elapsed = _time.GetElapsedTime(start);
                _log.BackfillProgress(line.Models.Name, done, left,
                    done > 0 ? TimeSpan.FromSeconds(Math.Round((elapsed / done * (1 - done)).TotalSeconds)) : null);
            }
        }
        ServerMetrics.BackfillRemaining.Set(0);
    }

    private static bool IsCaughtUp(StreamHealth health) => health.IsReported && health.Lag < CaughtUpWithin;
}
