using System.Diagnostics;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Monitoring;
using Prometheus;

namespace FraudScoring.Server.Admission;

/// <summary>
/// Decides which requests the service takes. Under overload it answers as many payments in time as it can, and refuses the others before
/// they cost anything. Times are timestamps of <see cref="Stopwatch"/>.
/// </summary>
/// <remarks>
/// In the order of severity, load has these consequences:
/// 1 Contributions are not computed while the service is overloaded.
/// 2 A request that has waited too long is refused, as <see cref="WaitLimiter"/> describes. Payments come first: other requests are refused
/// after half the wait.
/// 3 A payment is refused if <see cref="AdmissionOptions.MaxInFlight"/> payments are being scored.
/// 4 A payment is refused if it has less time left than payments take at present.
/// A payment is never answered without the model because of load: callers could then force decisions without a score.
/// </remarks>
internal sealed class AdmissionControl
{
    // Weight of a payment in the mean of the time that payments take: 1 / 2^6.
    private const int MeanShift = 6;

    // As in the publications on CoDel: an interval is ten targets, and two targets are tolerated.
    private const int TargetsPerInterval = 10, TargetsTolerated = 2;

    private static readonly Counter.Child[] ShedPayments =
        [.. Enum.GetValues<RefusalReason>().Select(reason => ServerMetrics.Shed.WithLabels("payment", NameOf(reason)))];

    private static readonly Counter.Child ShedOthers = ServerMetrics.Shed.WithLabels("other", NameOf(RefusalReason.Wait));

    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(1);

    private readonly WaitLimiter _waits;
    private readonly TimeSpan _shortestRetry;
    private readonly long _target, _longestTypical;
    private readonly int _maxInFlight;
    private long _typical;
    private int _inFlight;

    /// <param name="options">The limits.</param>
    /// <param name="budget">Scoring:BudgetMs.</param>
    public AdmissionControl(AdmissionOptions options, TimeSpan budget)
    {
        _target = TicksOf(TimeSpan.FromMilliseconds(options.TargetWaitMs));
        _waits = new WaitLimiter(_target, TargetsPerInterval * _target);
        _maxInFlight = options.MaxInFlight > 0 ? options.MaxInFlight : 64 * Environment.ProcessorCount;
        _shortestRetry = TimeSpan.FromMilliseconds(TargetsPerInterval * options.TargetWaitMs);
        _longestTypical = TicksOf(budget) / 2;
        Metrics.DefaultRegistry.AddBeforeCollectCallback(Report);
    }

    /// <summary>Payments that are being scored.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>The name of a reason in metrics and logs.</summary>
    public static string NameOf(RefusalReason reason) => SnakeCase.Convert(reason);

    /// <summary>Timestamp ticks of a time span.</summary>
    public static long TicksOf(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    /// <summary>Whether requests arrive faster than they are answered.</summary>
    public bool IsOverloaded(long now) => _waits.IsOverloaded(now);

    /// <summary>When a retry of a refused request may succeed: an overload is expected to last as long again as it has lasted.</summary>
    public TimeSpan RetryAfter(long now)
    {
        var lasted = Stopwatch.GetElapsedTime(0, _waits.OverloadedFor(now));
        return lasted < _shortestRetry ? _shortestRetry : lasted > LongestRetry ? LongestRetry : lasted;
    }

    /// <summary>Decides on a request that is not a payment.</summary>
    /// <returns>The reason to refuse it; null to take it.</returns>
    public RefusalReason? Check(long now, long arrived)
    {
        ServerMetrics.WaitSeconds.Observe((now - arrived) / (double)Stopwatch.Frequency);
        if (!_waits.MustRefuse(now, now - arrived, _target))
        {
            return null;
        }
        ShedOthers.Inc();
        return RefusalReason.Wait;
    }

    /// <summary>Decides on a payment that has just got a thread.</summary>
    /// <returns>The reason to refuse it; null to take it.</returns>
    public RefusalReason? CheckPayment(long now, long arrived, long deadline)
    {
        ServerMetrics.WaitSeconds.Observe((now - arrived) / (double)Stopwatch.Frequency);
        return Count(_waits.MustRefuse(now, now - arrived, TargetsTolerated * _target) ? RefusalReason.Wait
            : FindLimit(now, deadline));
    }

    /// <summary>Decides on a payment of a stream. The wait does not count: a stream's caller may send ahead of the answers.</summary>
    /// <returns>The reason to refuse it; null to take it.</returns>
    public RefusalReason? CheckStreamed(long now, long deadline) => Count(FindLimit(now, deadline));

    /// <summary>Counts the refusal of a payment, if it is one.</summary>
    public static RefusalReason? Count(RefusalReason? reason)
    {
        if (reason is { } given)
        {
            ShedPayments[(int)given].Inc();
        }
        return reason;
    }

    /// <summary>Begins to score a payment.</summary>
    public void Enter()
    {
        Interlocked.Increment(ref _inFlight);
        ServerMetrics.InFlight.Inc();
    }

    /// <summary>Ends a payment that <see cref="Enter"/> began.</summary>
    /// <param name="took">The time since, in timestamp ticks.</param>
    public void Exit(long took)
    {
        Interlocked.Decrement(ref _inFlight);
        ServerMetrics.InFlight.Dec();
        // Two threads may overwrite each other's update of the mean, which does no harm.
        var typical = Volatile.Read(ref _typical);
        Volatile.Write(ref _typical, typical + ((Math.Min(took, _longestTypical) - typical) >> MeanShift));
    }

    // At each scrape, because no request may come to report that the overload is over.
    private void Report() => ServerMetrics.Overloaded.Set(IsOverloaded(Stopwatch.GetTimestamp()) ? 1 : 0);

    private RefusalReason? FindLimit(long now, long deadline)
    {
        if (InFlight >= _maxInFlight)
        {
            return RefusalReason.InFlight;
        }
        var typical = Volatile.Read(ref _typical);
        if (deadline - now >= typical)
        {
            return null;
        }
        // Decays, so that payments are tried again when no payment shows how long they take now.
        Volatile.Write(ref _typical, typical - (typical >> MeanShift));
        return RefusalReason.Deadline;
    }
}
