using System.Diagnostics;
using HdrHistogram;

namespace FraudScoring.Benchmarks.Budgets;

/// <summary>
/// Times of single calls. Every call is timed by itself, from before it is made until its answer is there, and recorded in a histogram
/// of microseconds with three significant digits: a percentile is that of calls, not of averages over iterations.
/// </summary>
/// <remarks>
/// One caller, one call at a time: the path's own time without a queue before it. Times under an arrival rate are another measurement,
/// and one of an open loop.
/// </remarks>
internal sealed class CallLatency
{
    private const int WarmCalls = 3_000;
    private const int TimedCalls = 20_000;
    private readonly LongHistogram _micros = new(TimeSpan.FromMinutes(1).Ticks / 10, 3);

    private CallLatency()
    {
    }

    /// <summary>Calls that were timed.</summary>
    public static int Calls => TimedCalls;

    /// <summary>Of the timed calls, those whose answer was not as it should be.</summary>
    public int Faulty { get; private set; }

    /// <summary>The slowest call, in milliseconds.</summary>
    public double MaxMs => Percentile(100);

    /// <summary>A percentile of the timed calls, in milliseconds.</summary>
    public double Percentile(double percentile) => _micros.GetValueAtPercentile(percentile) / 1000.0;

    /// <summary>Makes calls untimed until the path is warm, then timed ones.</summary>
    /// <param name="callAsync">Makes the call of a number; false when the answer is not as it should be.</param>
    public static async Task<CallLatency> MeasureAsync(Func<int, Task<bool>> callAsync)
    {
        var latency = new CallLatency();
        for (var i = 0; i < WarmCalls; i++)
        {
            await callAsync(i);
        }
        for (var i = 0; i < TimedCalls; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var right = await callAsync(i);
            latency._micros.RecordValue((long)Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            latency.Faulty += right ? 0 : 1;
        }
        return latency;
    }
}
