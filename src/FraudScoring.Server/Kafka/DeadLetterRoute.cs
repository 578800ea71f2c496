namespace FraudScoring.Server.Kafka;

/// <summary>
/// Whether dead letters reach one topic. After a letter that could not be delivered, the next ones get a single attempt, at most one per
/// second, until one is delivered.
/// </summary>
/// <remarks>
/// The consumer waits for its dead letters. If each of a thousand bad records had all attempts while the topic is missing, a producer's bug
/// would stop the consumption of the good records behind them.
/// </remarks>
internal sealed class DeadLetterRoute(TimeProvider time)
{
    private static readonly TimeSpan ProbePause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private bool _isBroken;
    private long _probedAt;

    /// <summary>Number of attempts that the next letter gets; 0 while the topic was tried in vain less than a second ago.</summary>
    /// <param name="most">Attempts while the topic works.</param>
    public int Attempts(int most)
    {
        lock (_lock)
        {
            if (!_isBroken)
            {
                return most;
            }
            if (time.GetElapsedTime(_probedAt) < ProbePause)
            {
                return 0;
            }
            _probedAt = time.GetTimestamp();
            return 1;
        }
    }

    /// <summary>Records whether a letter was delivered.</summary>
    public void Report(bool isDelivered)
    {
        lock (_lock)
        {
            _isBroken = !isDelivered;
            _probedAt = time.GetTimestamp();
        }
    }
}
