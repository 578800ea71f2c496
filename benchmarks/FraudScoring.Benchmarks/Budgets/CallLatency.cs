using System.Diagnostics;
using HdrHistogram;

namespace FraudScoring.Benchmarks.Budgets;

/// <summary>Latency of single calls, or of one of their stages.</summary>
/// <remarks>
/// Every call is timed on its own and recorded in a histogram with a resolution of 0.1 µs and three significant digits, so percentiles are
/// of calls, not of averages over iterations. One caller makes one call at a time: this is the latency of the path without queueing.
/// Latency at an arrival rate needs an open loop.
/// </remarks>
internal sealed class CallLatency(string name)
{
    /// <summary>Number of timed calls.</summary>
    public const int Calls = 20_000;

    private const int WarmCalls = 5_000;
    private const double UnitsPerMs = TimeSpan.TicksPerMillisecond;
    private readonly LongHistogram _ticks = new(TimeSpan.TicksPerMinute, 3);

    public string Name => name;

    /// <summary>A percentile in milliseconds; 100 is the slowest call.</summary>
    public double PercentileMs(double percentile) => _ticks.GetValueAtPercentile(percentile) / UnitsPerMs;

    /// <summary>Makes warm-up calls, then timed calls.</summary>
    /// <param name="callAsync">Makes the call with this number.</param>
    /// <param name="look">Receives the answer of every timed call, after its time was taken.</param>
    public async Task MeasureAsync<T>(Func<int, Task<T>> callAsync, Action<T> look)
    {
        for (var i = 0; i < WarmCalls; i++)
        {
            await callAsync(i);
        }
        for (var i = 0; i < Calls; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var answer = await callAsync(i);
            Record(Stopwatch.GetElapsedTime(start));
            look(answer);
        }
    }

    public void Record(TimeSpan time) => _ticks.RecordValue(Math.Min(time.Ticks, TimeSpan.TicksPerMinute));
}

/// <summary>Latency of the score path: whole calls, the stages reported in the responses, and a call that does nothing.</summary>
internal sealed record ScoreLatency(CallLatency Health, CallLatency Score, IReadOnlyList<CallLatency> Stages)
{
    /// <summary>Number of timed calls whose answer was degraded.</summary>
    public int Degraded { get; private set; }

    public static async Task<ScoreLatency> MeasureAsync(ScorePath path)
    {
        var stages = Server.Scoring.ScoringStages.Names.Select(stage => new CallLatency(stage)).ToArray();
        var latency = new ScoreLatency(new CallLatency("HealthCheck"), new CallLatency("Score"), stages);
        await latency.Health.MeasureAsync(_ => path.HealthAsync(), _ => { });
        await latency.Score.MeasureAsync(path.ScoreTimedAsync, reply =>
        {
            latency.Degraded += ScorePath.IsWhole(reply) ? 0 : 1;
            for (var s = 0; s < stages.Length; s++)
            {
                stages[s].Record(TimeSpan.FromMicroseconds(reply.StageTimes[s].Micros));
            }
        });
        return latency;
    }
}
