using System.Diagnostics;
using FraudScoring.V1;
using Grpc.Core;
using HdrHistogram;

namespace FraudScoring.LoadTest.Scores;

/// <summary>Counts what became of the payments of one load. Callers may record concurrently.</summary>
/// <param name="deadline">Counted from when a payment is due; a later answer does not count.</param>
/// <param name="seconds">Length of the load.</param>
internal sealed class Tally(TimeSpan deadline, double seconds)
{
    /// <summary>Slots of the counts over time, per second.</summary>
    public const int SlotsPerSecond = 10;

    private const long LongestMicros = 600_000_000;
    private const int Digits = 3;

    private readonly LongConcurrentHistogram _fromDue = new(1, LongestMicros, Digits), _fromSend = new(1, LongestMicros, Digits);
    private readonly long[] _refused = new long[(int)StatusCode.Unauthenticated + 1];
    private readonly long[] _degraded = new long[(int)Degradation.RulesOnly + 1];
    private readonly long[] _decisions = new long[(int)Decision.Decline + 1];
    private readonly TimeSlot[] _slots = new TimeSlot[((int)Math.Ceiling(seconds) + 1) * SlotsPerSecond];
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _offered, _attempts, _good, _withoutModel, _late, _failed;

    /// <summary>Length of the load in seconds, without the wait for the last answers.</summary>
    public double Seconds => seconds;

    /// <summary>Payments that were due.</summary>
    public long Offered => _offered;

    /// <summary>Calls, retries included.</summary>
    public long Attempts => _attempts;

    /// <summary>Payments that a model scored within the deadline.</summary>
    public long Good => _good;

    /// <summary>Payments that a model scored, in time or late: those whose latency is known.</summary>
    public long Scored => _fromDue.TotalCount;

    /// <summary>Payments that rules and lists alone decided.</summary>
    public long WithoutModel => _withoutModel;

    /// <summary>Payments that were not answered within the deadline.</summary>
    public long Late => _late;

    /// <summary>Payments whose connection failed.</summary>
    public long Failed => _failed;

    /// <summary>Payments refused, by status.</summary>
    public IEnumerable<(StatusCode Status, long Count)> Refused =>
        _refused.Index().Where(one => one.Item > 0).Select(one => ((StatusCode)one.Index, one.Item));

    public long RefusedTotal => _refused.Sum();

    /// <summary>Payments scored although something was missing, by what.</summary>
    public IEnumerable<(Degradation Degradation, long Count)> Degraded => _degraded.Index()
        .Where(one => one.Item > 0 && one.Index > (int)Degradation.None).Select(one => ((Degradation)one.Index, one.Item));

    /// <summary>Share of the scored payments that were to be reviewed, challenged or declined.</summary>
    public double NotApprovedShare => _decisions[((int)Decision.Approve + 1)..].Sum() / (double)_decisions.Sum();

    /// <summary>Payments over time, by when they were due.</summary>
    public IReadOnlyList<TimeSlot> Slots => _slots;

    /// <summary>Latency of the scored payments from when they were due, in milliseconds; 100 is the slowest.</summary>
    public double PercentileMs(double percentile) => Percentile(_fromDue, percentile);

    /// <summary>The same over the payments of several loads.</summary>
    public static double PercentileMs(IEnumerable<Tally> tallies, double percentile)
    {
        var all = new LongHistogram(1, LongestMicros, Digits);
        foreach (var tally in tallies)
        {
            all.Add(tally._fromDue);
        }
        return Percentile(all, percentile);
    }

    /// <summary>Latency of the scored payments from when the last attempt was sent, in milliseconds.</summary>
    public double PercentileFromSendMs(double percentile) => Percentile(_fromSend, percentile);

    /// <summary>Records a call that is not the last one of its payment.</summary>
    public void RecordRetried() => Interlocked.Increment(ref _attempts);

    /// <summary>Whether an answer counts.</summary>
    public bool IsGood(long due, in Answer answer) => answer.Outcome == Outcome.Scored && Stopwatch.GetElapsedTime(due) <= deadline;

    /// <summary>Records the last call of a payment, which ends now.</summary>
    /// <param name="arrived">Timestamp at which the payment was due first.</param>
    /// <param name="due">Timestamp at which this call was due: later for a retry.</param>
    /// <param name="sent">Timestamp at which the call was sent.</param>
    /// <param name="answer">The answer.</param>
    public void Record(long arrived, long due, long sent, in Answer answer)
    {
        var now = Stopwatch.GetTimestamp();
        var isGood = answer.Outcome == Outcome.Scored && Stopwatch.GetElapsedTime(due, now) <= deadline;
        Interlocked.Increment(ref _offered);
        Interlocked.Increment(ref _attempts);
        Interlocked.Increment(ref (isGood ? ref _good : ref CountOf(answer)));
        var slot = Math.Clamp((int)(Stopwatch.GetElapsedTime(_start, arrived).TotalSeconds * SlotsPerSecond), 0, _slots.Length - 1);
        Interlocked.Increment(ref _slots[slot].Offered);
        if (isGood)
        {
            Interlocked.Increment(ref _slots[slot].Good);
        }
        if (answer.Outcome == Outcome.Refused)
        {
            Interlocked.Increment(ref _slots[slot].Refused);
        }
        if (answer.Outcome == Outcome.Scored)
        {
            Interlocked.Increment(ref _degraded[(int)answer.Degradation]);
            Interlocked.Increment(ref _decisions[(int)answer.Decision]);
            _fromDue.RecordValue(Micros(due, now));
            _fromSend.RecordValue(Micros(sent, now));
        }
    }

    private ref long CountOf(in Answer answer)
    {
        switch (answer.Outcome)
        {
            case Outcome.Scored or Outcome.Expired: return ref _late;
            case Outcome.WithoutModel: return ref _withoutModel;
            case Outcome.Refused: return ref _refused[(int)answer.Status];
            default: return ref _failed;
        }
    }

    private static long Micros(long from, long to) =>
        Math.Clamp((long)Stopwatch.GetElapsedTime(from, to).TotalMicroseconds, 1, LongestMicros);

    private static double Percentile(HistogramBase histogram, double percentile) =>
        histogram.TotalCount == 0 ? double.NaN : histogram.GetValueAtPercentile(percentile) / 1000.0;
}

/// <summary>Counts of the payments that were due in a tenth of a second.</summary>
internal struct TimeSlot
{
    public long Offered, Good, Refused;
}
