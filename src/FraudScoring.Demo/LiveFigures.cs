using FraudScoring.Server.Monitoring;

namespace FraudScoring.Demo;

/// <summary>Collects the figures of the live part, which begins when this object is created. For one caller at a time.</summary>
internal sealed class LiveFigures(
    DemoOptions options, DemoServer server, LiveTraffic traffic, EventPublisher publisher, StreamProgress progress, Scoreboard board,
    TimeProvider time)
{
    private static readonly TimeSpan LogShown = TimeSpan.FromSeconds(10);

    private readonly long _start = time.GetTimestamp();
    private readonly double _delivered = ServerMetrics.DecisionsPublished.Value;
    private readonly RateMeter _rate = new(time);
    private (LogLine Line, long Timestamp)? _log;

    public LiveReading TakeReading()
    {
        var reading = board.TakeReading();
        if (server.Log.Take() is [.., var line])
        {
            _log = (line, time.GetTimestamp());
        }
        return new LiveReading
        {
            Board = reading,
            Elapsed = time.GetElapsedTime(_start),
            Duration = options.Duration,
            PerSecond = _rate.PerSecond(reading.Scored),
            Simulated = DateTimeOffset.FromUnixTimeMilliseconds(traffic.SimulatedMs),
            Transactions = (publisher.Transactions, progress.Transactions),
            Labels = (publisher.Labels, progress.Labels),
            Delivered = (long)(ServerMetrics.DecisionsPublished.Value - _delivered),
            LastLog = _log is { } log && time.GetElapsedTime(log.Timestamp) < LogShown ? log.Line : null,
        };
    }
}
