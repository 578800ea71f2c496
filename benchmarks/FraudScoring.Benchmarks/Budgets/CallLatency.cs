using System.Diagnostics;
using HdrHistogram;

namespace FraudScoring.Benchmarks.Budgets;

/// <summary>Times of single calls, or of one stage of them.</summary>
/// <remarks>
/// Every call is timed by itself, from before it is made until its answer is there, and recorded in a histogram of tenths of a
/// microsecond with three significant digits: a percentile is one of calls, not of averages over iterations. One caller makes one call
/// at a time, so this is the path's own time without a queue before it; times under an arrival rate are for an open loop to tell.
/// </remarks>
internal sealed class CallLatency(string name)
{
    /// <summary>Calls that are timed.</summary>
    public const int Calls = 20_000;

    private const int WarmCalls = 5_000;
    private const double UnitsPerMs = TimeSpan.TicksPerMillisecond;
    private readonly LongHistogram _ticks = new(TimeSpan.TicksPerMinute, 3);

    /// <summary>What was timed.</summary>
    public string Name => name;

    /// <summary>A percentile in milliseconds; the 100th is the slowest call.</summary>
    public double PercentileMs(double percentile) => _ticks.GetValueAtPercentile(percentile) / UnitsPerMs;

    /// <summary>Makes calls until the path is warm, then timed ones.</summary>
    /// <param name="callAsync">Makes the call of a number.</param>
    /// <param name="look">Sees every timed call's answer, outside of the timed span.</param>
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

    /// <summary>Adds one time.</summary>
    public void Record(TimeSpan time) => _ticks.RecordValue(Math.Min(time.Ticks, TimeSpan.TicksPerMinute));
}

/// <summary>The latency of the score path: of whole calls, of each stage as the replies tell it, and of a call that does nothing.</summary>
internal sealed record ScoreLatency(CallLatency Health, CallLatency Score, IReadOnlyList<CallLatency> Stages)
{
    /// <summary>Of the timed calls, those whose answer was degraded.</summary>
    public int Degraded { get; private set; }

    /// <summary>Measures a running service.</summary>
    public static async Task<ScoreLatency> MeasureAsync(ScorePath path)
    {
        var stages = Server.Scoring.ScoringStages.Names.Select(stage => new CallLatency(stage)).ToArray();
        var latency = new ScoreLatency(new CallLatency("HealthCheck"), new CallLatency("Score"), stages);
        await latency.Health.MeasureAsync(_ => path.HealthAsync(), _ => { });
        await latency.Score.MeasureAsync(path.ScoreAsync, reply =>
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
