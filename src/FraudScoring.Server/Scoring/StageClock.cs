using System.Diagnostics;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Scoring;

/// <summary>Measures the time of a payment in each stage, for metrics, spans and the reply. Reused.</summary>
internal sealed class StageClock
{
    private readonly long[] _ticks = new long[ScoringStages.All.Length];
    private long _start;
    private long _last;

    public void Start()
    {
        Array.Clear(_ticks);
        _start = _last = Stopwatch.GetTimestamp();
    }

    /// <summary>Adds the time since the last mark to a stage.</summary>
    public void Mark(ScoringStage stage)
    {
        var now = Stopwatch.GetTimestamp();
        _ticks[(int)stage] += now - _last;
        _last = now;
    }

    /// <summary>Reports the times of the stages to the metrics.</summary>
    public void Observe()
    {
        for (var i = 0; i < _ticks.Length; i++)
        {
            ScoringStages.Seconds[i].Observe(_ticks[i] / (double)Stopwatch.Frequency);
        }
    }

    public double MicrosOf(ScoringStage stage) => _ticks[(int)stage] * 1e6 / Stopwatch.Frequency;

    /// <summary>Adds a span per stage under the current span. Does and allocates nothing without a listener.</summary>
    public void Trace(DateTime end)
    {
        if (!ServerTracing.Source.HasListeners())
        {
            return;
        }
        var start = end - TimeSpan.FromMicroseconds((_last - _start) * 1e6 / Stopwatch.Frequency);
        foreach (var stage in ScoringStages.All)
        {
            var duration = TimeSpan.FromMicroseconds(MicrosOf(stage));
            using var span = ServerTracing.Source.StartActivity(
                ScoringStages.Names[(int)stage], ActivityKind.Internal, default(ActivityContext), startTime: start);
            span?.SetEndTime(start += duration);
        }
    }
}
