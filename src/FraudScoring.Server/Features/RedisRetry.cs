using System.Net.Sockets;
using FraudScoring.Server.Monitoring;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>Waits out failures of Redis, for what must not be lost and may be done twice.</summary>
internal sealed class RedisRetry(TimeProvider time, ILogger<RedisRetry> log)
{
    private const string Pipes = "System.IO.Pipelines", SocketPipes = "Pipelines.Sockets.Unofficial";
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
            catch (Exception e) when (IsTransient(e))
            {
                cancellationToken.ThrowIfCancellationRequested();
                ServerMetrics.ProfileWriteFailures.Inc();
                log.ProfileWriteRetried(pause, e.Message);
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Redis or the way to it failed, and may come back. The client does not wrap all that happens to a command on a connection that
    /// breaks: it also fails with the bare error of the socket or of the pipe in front of it ("Writing is not allowed after writer was
    /// completed"), an aborted connection even as a cancellation. A command for a single server, sent while the client finds out that it
    /// talks to a cluster, is a command error.
    /// </summary>
    public static bool IsTransient(Exception failure) => failure is RedisException or RedisCommandException or TimeoutException or IOException
        or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException { Source: Pipes or SocketPipes };
}
