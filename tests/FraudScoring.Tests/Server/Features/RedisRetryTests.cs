using System.IO.Pipelines;
using FraudScoring.Server.Features;
using StackExchange.Redis;

namespace FraudScoring.Tests.Server.Features;

public sealed class RedisRetryTests
{
    /// <summary>The client writes commands into a pipe; when the connection broke just then, the pipe's own error is all that is said.</summary>
    [Test]
    public async Task IsTransient_PipeOfABrokenConnection_Is()
    {
        var pipe = new Pipe();
        await pipe.Writer.CompleteAsync();
        var failure = Assert.Throws<InvalidOperationException>(() => pipe.Writer.GetSpan(1));
        Assert.That(RedisRetry.IsTransient(failure!), Is.True, failure!.Message);
        var later = await Assert.ThrowsAsync<InvalidOperationException>(async () => await Task.FromException<int>(failure));
        Assert.That(RedisRetry.IsTransient(later!), Is.True, "handed on by a task");
    }

    [Test]
    public void IsTransient_FaultOfOurOwn_IsNot()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => new List<int>().First());
        Assert.That(RedisRetry.IsTransient(failure!), Is.False);
        Assert.That(RedisRetry.IsTransient(new ArgumentException("no")), Is.False);
    }

    [Test]
    public void IsTransient_LostConnection_Is() =>
        Assert.That(RedisRetry.IsTransient(new RedisConnectionException(ConnectionFailureType.SocketClosed, "gone")), Is.True);
}
