using FraudScoring.Server.Monitoring;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>Waits out failures of Redis, for what must not be lost and may be done twice.</summary>
internal sealed class RedisRetry(TimeProvider time, ILogger<RedisRetry> log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Tries again, with growing pauses, for as long as Redis does not answer.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; it may have been done in part.</exception>
    public async Task<T> UntilDoneAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return await action();
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                ServerMetrics.ProfileWriteFailures.Inc();
                log.ProfileWriteRetried(pause, e.Message);
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }
}
