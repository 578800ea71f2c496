using System.IO.Pipelines;
using System.Net.Sockets;
using FraudScoring.Server.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipelines.Sockets.Unofficial;
using StackExchange.Redis;

namespace FraudScoring.Tests.Server.Features;

/// <summary>Which errors are retried while Redis is unreachable, and which are not.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RedisRetryTests : IDisposable
{
    private static readonly Exception[] Transient =
    [
        new RedisConnectionException(ConnectionFailureType.SocketFailure, "no connection"),
        new RedisTimeoutException("too late", CommandStatus.Unknown),
        new RedisServerException("LOADING Redis is loading the dataset in memory"),
        new RedisCommandException("Multi-key operations must involve a single slot"),
        new TimeoutException(),
        new ConnectionResetException("Connection reset by peer", new SocketException((int)SocketError.ConnectionReset)),
        new ConnectionAbortedException(),
        new IOException("broken pipe"),
        new SocketException((int)SocketError.ConnectionRefused),
        new ObjectDisposedException("connection"),
        new TaskCanceledException(),
        PipeThatEnded(),
        PipeThatWasReset(),
    ];

    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.Zero };
    private readonly CancellationTokenSource _stop = new();

    [Test]
    public async Task UntilDone_EachWayAConnectionBreaks_TriesAgainUntilItAnswers([ValueSource(nameof(Transient))] Exception failure)
    {
        var calls = 0;
        var done = Retry().UntilDoneAsync(() => ++calls <= 3 ? Task.FromException<int>(failure) : Task.FromResult(calls), _stop.Token);
        while (!done.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        Assert.That(await done, Is.EqualTo(4));
    }

    [Test]
    public void UntilDone_AFaultOfOurOwn_IsThrown()
    {
        var calls = 0;
        Assert.That(() => Retry().UntilDoneAsync<int>(() => throw new InvalidDataException($"{++calls}"), _stop.Token),
            Throws.TypeOf<InvalidDataException>());
        Assert.That(() => Retry().UntilDoneAsync(() => Task.FromResult(new int[calls++ - 1].First()), _stop.Token),
            Throws.TypeOf<InvalidOperationException>());
        Assert.That(calls, Is.EqualTo(2));
    }

    [Test]
    public void UntilDone_Cancelled_EndsWithTheCancellation()
    {
        Task<int> CancelAndBreak()
        {
            _stop.Cancel();
            throw new IOException("broken pipe");
        }

        Assert.That(() => Retry().UntilDoneAsync(CancelAndBreak, _stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => Retry().UntilDoneAsync(() => Task.FromResult(1), _stop.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    public void Dispose() => _stop.Dispose();

    /// <summary>The client writes commands into a pipe. If the connection breaks at that moment, the pipe's own error is thrown.</summary>
    private static InvalidOperationException PipeThatEnded()
    {
        var pipe = new Pipe();
        pipe.Writer.Complete();
        return Assert.Throws<InvalidOperationException>(() => pipe.Writer.GetSpan(1))!;
    }

    /// <summary>If it breaks between the request for memory and the report of its use, the memory is gone.</summary>
    private static ArgumentOutOfRangeException PipeThatWasReset() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Pipe().Writer.Advance(1))!;

    private RedisRetry Retry() => new(_time, NullLogger<RedisRetry>.Instance);
}
