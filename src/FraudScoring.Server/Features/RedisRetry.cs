using System.Net.Sockets;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Resilience;
using Polly;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>Retries Redis operations that must not be lost and may be repeated, for as long as Redis is unavailable.</summary>
internal sealed class RedisRetry(TimeProvider time, ILogger<RedisRetry> log)
{
    private const string Pipes = "System.IO.Pipelines", SocketPipes = "Pipelines.Sockets.Unofficial";

    private readonly ResiliencePipeline _retry = EndlessRetry.Create<Exception>(
        time, TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(5), IsTransient, (failure, _, pause) =>
        {
            ServerMetrics.ProfileWriteFailures.Inc();
            log.ProfileWriteRetried(pause, failure.Message);
        });

    /// <summary>Runs an action until it succeeds, with pauses that grow from 20 ms to 5 s.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the action may have been carried out in part.</exception>
    public async Task<T> UntilDoneAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken) =>
        await _retry.ExecuteAsync(static async (action, _) => await action(), action, cancellationToken);

    /// <summary>Whether Redis or the connection to it failed, so that a retry may succeed.</summary>
    /// <remarks>
    /// StackExchange.Redis does not wrap every error of a breaking connection: a command can fail with the exception of the socket, or of
    /// the pipe in front of it ("Writing is not allowed after writer was completed", or an argument out of range if the pipe ends during a
    /// write), and an aborted connection even appears as a cancellation. A single-server command that is sent while the client finds out
    /// that it talks to a cluster is a command error.
    /// </remarks>
    public static bool IsTransient(Exception failure) => failure is RedisException or RedisCommandException or TimeoutException
        or IOException or SocketException or ObjectDisposedException or OperationCanceledException
        or { Source: Pipes or SocketPipes };
}
