namespace FraudScoring.Server.Monitoring;

/// <summary>Limits a log line that a failure would repeat thousands of times to one per ten seconds. Used by one thread.</summary>
internal sealed class LogPause(TimeProvider time)
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    private long? _loggedAt;

    /// <summary>True if the line is to be logged now; the pause then begins again.</summary>
    public bool TryBegin()
    {
        if (_loggedAt is { } logged && time.GetElapsedTime(logged) < Length)
        {
            return false;
        }
        _loggedAt = time.GetTimestamp();
        return true;
    }
}
