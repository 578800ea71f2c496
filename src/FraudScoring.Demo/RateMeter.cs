namespace FraudScoring.Demo;

/// <summary>The rate of a count over the last seconds. For one caller at a time.</summary>
/// <remarks>The count starts at zero.</remarks>
internal sealed class RateMeter(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);
    private readonly Queue<(long Timestamp, long Count)> _readings = new([(time.GetTimestamp(), 0L)]);

    /// <summary>Adds a reading, and returns the count's growth per second since the oldest of the last five seconds.</summary>
    public double PerSecond(long count)
    {
        var now = time.GetTimestamp();
        while (_readings.TryPeek(out var old) && _readings.Count > 1 && time.GetElapsedTime(old.Timestamp, now) > Window)
        {
            _readings.Dequeue();
        }
        _readings.Enqueue((now, count));
        var first = _readings.Peek();
        var seconds = time.GetElapsedTime(first.Timestamp, now).TotalSeconds;
        return seconds > 0 ? (count - first.Count) / seconds : 0;
    }
}
