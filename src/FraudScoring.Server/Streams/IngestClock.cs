using System.Diagnostics;
using FraudScoring.Server.Monitoring;
using Prometheus;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Measures the time of a batch in each stage, for metrics and spans. Reused. Stages overlap, since claims run in parallel with reads: each
/// stage is measured from its own start, and may be measured on another thread.
/// </summary>
internal sealed class IngestClock(string topic)
{
    /// <summary>Name of a batch's span, the parent of its stages' spans.</summary>
    public const string SpanName = "ingest";

    private readonly Histogram.Child[] _seconds =
        [.. IngestStages.Names.Select(name => ServerMetrics.IngestStageSeconds.WithLabels(topic, name))];
    private readonly long[] _begins = new long[IngestStages.All.Length];
    private readonly long[] _ticks = new long[IngestStages.All.Length];

    /// <summary>Current time in <see cref="Stopwatch"/> ticks, as <see cref="Record"/> takes it.</summary>
    public static long Now => Stopwatch.GetTimestamp();

    /// <summary>Adds the time since <paramref name="since"/> to a stage.</summary>
    /// <returns>The current time, the start of the next stage.</returns>
    public long Record(IngestStage stage, long since)
    {
        var now = Now;
        Interlocked.CompareExchange(ref _begins[(int)stage], since, 0);
        Interlocked.Add(ref _ticks[(int)stage], now - since);
        return now;
    }

    /// <summary>Reports the recorded stages to metrics and spans, and clears them.</summary>
    /// <param name="end">Current time.</param>
    /// <param name="records">Number of records in the batch.</param>
    public void Report(DateTime end, int records)
    {
        for (var i = 0; i < _ticks.Length; i++)
        {
            if (_begins[i] != 0)
            {
                _seconds[i].Observe(_ticks[i] / (double)Stopwatch.Frequency);
            }
        }
        Trace(end, records);
        Clear();
    }

    public void Clear()
    {
        Array.Clear(_begins);
        Array.Clear(_ticks);
    }

    /// <summary>Adds a span for the batch, and a child span per stage. Does and allocates nothing without a listener.</summary>
    private void Trace(DateTime end, int records)
    {
        if (!ServerTracing.Source.HasListeners())
        {
            return;
        }
        var (now, first) = (Now, long.MaxValue);
        foreach (var begin in _begins)
        {
            first = begin == 0 ? first : Math.Min(first, begin);
        }
        var begun = end - Stopwatch.GetElapsedTime(Math.Min(first, now), now);
        using var batch = ServerTracing.Source.StartActivity(SpanName, ActivityKind.Consumer, default(ActivityContext), startTime: begun);
        if (batch is null)
        {
            return;
        }
        batch.SetTag("messaging.destination.name", topic).SetTag("messaging.batch.message_count", records);
        for (var i = 0; i < _ticks.Length; i++)
        {
            if (_begins[i] != 0)
            {
                var start = end - Stopwatch.GetElapsedTime(_begins[i], now);
                using var span = ServerTracing.Source.StartActivity(
                    IngestStages.Names[i], ActivityKind.Internal, batch.Context, startTime: start);
                span?.SetEndTime(start + Stopwatch.GetElapsedTime(0, _ticks[i]));
            }
        }
        batch.SetEndTime(end);
    }
}
