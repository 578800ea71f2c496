using System.Diagnostics;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Tests.Server.Monitoring;

/// <summary>Records the service's spans in the order in which they end.</summary>
internal sealed class RecordedSpans : IDisposable
{
    private readonly ActivityListener _listener;

    public RecordedSpans()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ServerTracing.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Spans.Add,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public List<Activity> Spans { get; } = [];

    public void Dispose() => _listener.Dispose();
}
