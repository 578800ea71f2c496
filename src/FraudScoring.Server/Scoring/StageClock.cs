using System.Diagnostics;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Scoring;

/// <summary>Measures how long a payment spends at each stop, and tells it to metrics and spans. Reused.</summary>
internal sealed class StageClock
{
    private readonly long[] _ticks = new long[ScoringStages.All.Length];
    private long _last;
    private long _scoreStart;

    /// <summary>Starts at the beginning of the path.</summary>
    public void Start()
    {
        Array.Clear(_ticks);
        _last = Stopwatch.GetTimestamp();
    }

    /// <summary>Gives the time since the last mark to a stage.</summary>
    public void Mark(ScoringStage stage)
    {
        var now = Stopwatch.GetTimestamp();
        _ticks[(int)stage] += now - _last;
        _last = now;
        if (stage == ScoringStage.Validate)
        {
            _scoreStart = now;
        }
    }

    /// <summary>Ends the path: the whole of it is the stage Score.</summary>
    public void Stop() => _ticks[(int)ScoringStage.Score] = Stopwatch.GetTimestamp() - _scoreStart;

    /// <summary>Tells the times to the metrics.</summary>
    public void Observe()
    {
        for (var i = 0; i < _ticks.Length; i++)
        {
            ServerMetrics.Stages[i].Observe(_ticks[i] / (double)Stopwatch.Frequency);
        }
    }

    /// <summary>Microseconds spent in a stage.</summary>
    public double MicrosOf(ScoringStage stage) => _ticks[(int)stage] * 1e6 / Stopwatch.Frequency;

    /// <summary>Adds a span per stage under the current one. Does nothing, and allocates nothing, when nobody listens.</summary>
    public void Trace(DateTime end)
    {
        if (!ServerTracing.Source.HasListeners())
        {
            return;
        }
        var start = end - TimeSpan.FromMicroseconds(MicrosOf(ScoringStage.Score));
        foreach (var stage in ScoringStages.All.AsSpan((int)ScoringStage.ReadFeatures))
        {
            var duration = TimeSpan.FromMicroseconds(MicrosOf(stage));
            using var span = ServerTracing.Source.StartActivity(
                ScoringStages.Names[(int)stage], ActivityKind.Internal, default(ActivityContext), startTime: start);
            span?.SetEndTime(start += duration);
        }
    }
}
