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
/// 1 Contributions are not computed while requests wait for long.
/// 2 A request that has waited too long is refused, as <see cref="WaitLimiter"/> describes. Payments come first: other requests are refused
/// after half the wait. So are payments that would wait too long for others after they are taken, as <see cref="ConcurrencyLimiter"/>
/// derives.
/// 3 A payment is refused if <see cref="AdmissionOptions.MaxInFlight"/> payments are being scored.
/// 4 A payment is refused if it has less time left than payments took lately, or than the model and the reply need.
/// A payment is decided on twice: by <see cref="Check(PaymentCall, long)"/> before its message is read, so that a refusal costs little, and
/// by <see cref="Enter"/> once it is read. It is in flight only from then: callers that do not send their message take no one's place.
/// A payment is never answered without the model because of load: callers could then force decisions without a score.
/// </remarks>
internal sealed class AdmissionControl
{
    // Weight of a payment in the mean of the time that payments take: 1 / 2^6.
    private const int MeanShift = 6;

    // As in the publications on CoDel: an interval is ten targets, and two targets are tolerated.
    private const int TargetsPerInterval = 10, TargetsTolerated = 2;

    // Once taken, a payment waits for a thread and for Redis's turn several times.
    private const int TargetsInside = 4, LeastPerProcessor = 8;

    private static readonly Counter.Child[] ShedPayments = [.. Enum.GetValues<RefusalReason>()
        .Where(reason => reason != RefusalReason.Cancelled).Select(reason => ServerMetrics.Shed.WithLabels("payment", NameOf(reason)))];

    private static readonly Counter.Child ShedOthers = ServerMetrics.Shed.WithLabels("other", NameOf(RefusalReason.Wait));
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(1);

    private readonly WaitLimiter _waits;
    private readonly ConcurrencyLimiter _concurrency;
    private readonly TimeSpan _shortestRetry, _longestRetry;
    private readonly long _target, _reserve, _longestTypical;
    private readonly int _maxInFlight;
    private long _typical;
    private int _inFlight;

    /// <param name="options">The limits.</param>
    /// <param name="budget">Scoring:BudgetMs.</param>
    /// <param name="reserve">Scoring:ReserveMs.</param>
    public AdmissionControl(AdmissionOptions options, TimeSpan budget, TimeSpan reserve)
    {
        _target = TicksOf(TimeSpan.FromMilliseconds(options.TargetWaitMs));
        _waits = new WaitLimiter(_target, TargetsPerInterval * _target);
        _maxInFlight = options.MaxInFlight > 0 ? options.MaxInFlight : 64 * Environment.ProcessorCount;
        _concurrency = new ConcurrencyLimiter(
            TargetsInside * _target, TicksOf(TimeSpan.FromMilliseconds(100)), LeastPerProcessor * Environment.ProcessorCount, _maxInFlight);
        _shortestRetry = TimeSpan.FromMilliseconds(TargetsPerInterval * options.TargetWaitMs);
        _longestRetry = _shortestRetry > LongestRetry ? _shortestRetry : LongestRetry;
        _longestTypical = TicksOf(budget) / 2;
        // A budget that is hardly longer than the reserve must not refuse everything.
        _reserve = Math.Min(TicksOf(reserve), _longestTypical);
        Metrics.DefaultRegistry.AddBeforeCollectCallback(Report);
    }

    /// <summary>The name of a reason in metrics and logs.</summary>
    public static string NameOf(RefusalReason reason) => SnakeCase.Convert(reason);

    /// <summary>Timestamp ticks of a time span.</summary>
    public static long TicksOf(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    /// <summary>Whether requests arrive faster than they are answered.</summary>
    public bool IsOverloaded(long now) => _waits.IsOverloaded(now);

    /// <summary>Whether requests wait so long that an overload is near.</summary>
    public bool IsUnderPressure(long now) => _waits.IsUnderPressure(now);

    /// <summary>When a retry of a refused request may succeed: an overload is expected to last as long again as it has lasted.</summary>
    public TimeSpan RetryAfter(long now)
    {
        var lasted = Stopwatch.GetElapsedTime(0, _waits.OverloadedFor(now));
        return lasted < _shortestRetry ? _shortestRetry : lasted > _longestRetry ? _longestRetry : lasted;
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

    /// <summary>Decides on a payment that has just got a thread, and whose message may not have arrived.</summary>
    /// <returns>The reason to refuse it; null to read its message and <see cref="Enter"/>.</returns>
    public RefusalReason? Check(PaymentCall call, long now)
    {
        var wait = now - call.Arrived;
        ServerMetrics.WaitSeconds.Observe(wait / (double)Stopwatch.Frequency);
        var mustRefuse = !call.IsCancelled && _waits.MustRefuse(now, wait, TargetsTolerated * _target);
        var reason = mustRefuse ? RefusalReason.Wait : FindReason(call, now, Volatile.Read(ref _inFlight) + 1);
        if (reason is not null)
        {
            Count(reason.Value);
        }
        return reason;
    }

    /// <summary>Decides on a payment whose message is read. One that is taken must <see cref="Exit"/>.</summary>
    /// <returns>The reason to refuse it; null to score it.</returns>
    public RefusalReason? Enter(PaymentCall call, long now)
    {
        // Counts before it compares: of payments that come at the same time, none is over the limit.
        var inFlight = Interlocked.Increment(ref _inFlight);
        if (FindReason(call, now, inFlight) is { } reason)
        {
            Interlocked.Decrement(ref _inFlight);
            Count(reason);
            return reason;
        }
        ServerMetrics.InFlight.Inc();
        call.Taken = now;
        return null;
    }

    /// <summary>Ends a payment that was taken; has no effect on one that was not.</summary>
    public void Exit(PaymentCall call, long now)
    {
        if (call.Taken is not { } taken)
        {
            return;
        }
        var took = now - taken;
        Interlocked.Decrement(ref _inFlight);
        ServerMetrics.InFlight.Dec();
        if (call.IsAnswered)
        {
            _concurrency.End(now, took);
            // Two threads may overwrite each other's update of the mean, which does no harm.
            var typical = Volatile.Read(ref _typical);
            Volatile.Write(ref _typical, typical + ((Math.Min(took, _longestTypical) - typical) >> MeanShift));
        }
    }

    /// <summary>Counts a payment that was not answered because of load, or because its caller no longer waits.</summary>
    public static void Count(RefusalReason reason)
    {
        if (reason == RefusalReason.Cancelled)
        {
            ServerMetrics.CancelledPayments.Inc();
        }
        else
        {
            ShedPayments[(int)reason].Inc();
        }
    }

    // At each scrape, because no request may come to report that the overload is over.
    private void Report() => ServerMetrics.Overloaded.Set(IsOverloaded(Stopwatch.GetTimestamp()) ? 1 : 0);

    /// <param name="call">The payment.</param>
    /// <param name="now">The current time.</param>
    /// <param name="inFlight">The payments in flight, this one included.</param>
    private RefusalReason? FindReason(PaymentCall call, long now, int inFlight) =>
        call.IsCancelled ? call.CancelledAt(now)
        : !call.IsStreamed && _waits.WasOverloaded(now) && inFlight > _concurrency.Limit ? RefusalReason.Wait
        : inFlight > _maxInFlight ? RefusalReason.InFlight
        : FindDeadline(call, now);

    private RefusalReason? FindDeadline(PaymentCall call, long now)
    {
        var (left, typical) = (call.Deadline - now, Volatile.Read(ref _typical));
        // A caller that allows less than the budget may do without history; one whose request has waited may not have to.
        if (left >= typical && (call.IsShort || left > _reserve))
        {
            return null;
        }
        if (left > 0)
        {
            // Decays, so that payments are tried again when no payment shows how long they take now.
            Volatile.Write(ref _typical, typical - (typical >> MeanShift));
        }
        return call.IsShort ? RefusalReason.CallerDeadline : RefusalReason.Deadline;
    }
}
