using System.Diagnostics;
using FraudScoring.Server.Monitoring;
using Prometheus;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Measures how long a batch spends at each stop, and tells it to metrics and spans. Reused. Stops overlap: claims run beside reads, so
/// each stop is measured from a time of its own, and may be measured on another thread.
/// </summary>
internal sealed class IngestClock(string topic)
{
    /// <summary>Name of the span over a batch's stages.</summary>
    public const string SpanName = "ingest";

    private readonly Histogram.Child[] _seconds =
        [.. IngestStages.Names.Select(name => ServerMetrics.IngestStageSeconds.WithLabels(topic, name))];
    private readonly long[] _begins = new long[IngestStages.All.Length];
    private readonly long[] _ticks = new long[IngestStages.All.Length];

    /// <summary>The time now, to be given to <see cref="Record"/>.</summary>
    public static long Now => Stopwatch.GetTimestamp();

    /// <summary>Adds the time since <paramref name="since"/> to a stage.</summary>
    /// <returns>The time now, from which the next stage may count.</returns>
    public long Record(IngestStage stage, long since)
    {
        var now = Now;
        Interlocked.CompareExchange(ref _begins[(int)stage], since, 0);
        Interlocked.Add(ref _ticks[(int)stage], now - since);
        return now;
    }

    /// <summary>Tells the times of the stages that were made to metrics and spans, and forgets them.</summary>
    /// <param name="end">The time now.</param>
    /// <param name="records">How many records the batch has.</param>
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

    /// <summary>Forgets the times.</summary>
    public void Clear()
    {
        Array.Clear(_begins);
        Array.Clear(_ticks);
    }

    /// <summary>Adds a span for the batch, and one under it per stage. Does nothing, and allocates nothing, when nobody listens.</summary>
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
