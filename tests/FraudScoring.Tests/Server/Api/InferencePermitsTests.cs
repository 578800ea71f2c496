using System.Threading.RateLimiting;
using FraudScoring.Server.Api;
using Grpc.Core;

namespace FraudScoring.Tests.Server.Api;

/// <summary>Limits on concurrent runs of the Open Inference Protocol and on the requests that wait for one.</summary>
public sealed class InferencePermitsTests
{
    [Test]
    public async Task Acquire_MoreThanMayRun_WaitInOrderOfArrival()
    {
        using var permits = new InferencePermits(new ServingOptions { MaxRuns = 2, MaxWaiting = 3 });
        var running = new Queue<RateLimitLease>([await AcquireAsync(permits), await AcquireAsync(permits)]);
        var waiting = Enumerable.Range(0, 3).Select(_ => AcquireAsync(permits)).ToList();
        for (var next = 0; next < waiting.Count; next++)
        {
            Assert.That(waiting.Select(one => one.IsCompleted), Is.EqualTo(waiting.Select((_, i) => i < next)), "nobody overtakes");
            running.Dequeue().Dispose();
            running.Enqueue(await waiting[next]);
        }
    }

    [Test]
    public async Task Acquire_MoreThanMayWait_IsRefusedUntilOneLeaves()
    {
        using var permits = new InferencePermits(new ServingOptions { MaxRuns = 1, MaxWaiting = 1 });
        var running = await AcquireAsync(permits);
        var waiting = AcquireAsync(permits);
        var refused = await Assert.ThrowsAsync<RpcException>(() => AcquireAsync(permits));
        Assert.That(refused!.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        Assert.That(refused.Status.Detail, Does.StartWith("1 "));
        running.Dispose();
        (await waiting).Dispose();
        Assert.That((await AcquireAsync(permits)).IsAcquired, Is.True);
    }

    [Test]
    public async Task Acquire_CancelledWhileWaiting_GivesItsPlaceUp()
    {
        using var permits = new InferencePermits(new ServingOptions { MaxRuns = 1, MaxWaiting = 1 });
        using var stop = new CancellationTokenSource();
        var running = await AcquireAsync(permits);
        var cancelled = AcquireAsync(permits, stop.Token);
        await stop.CancelAsync();
        Assert.That(() => cancelled, Throws.InstanceOf<OperationCanceledException>());
        var waiting = AcquireAsync(permits);
        running.Dispose();
        Assert.That((await waiting).IsAcquired, Is.True);
    }

    [Test]
    public async Task Acquire_NoLimitGiven_IsHalfOfTheProcessors()
    {
        using var permits = new InferencePermits(new ServingOptions { MaxRuns = 0, MaxWaiting = 0 });
        var runs = Math.Max(1, Environment.ProcessorCount / 2);
        for (var i = 0; i < runs; i++)
        {
            Assert.That((await AcquireAsync(permits)).IsAcquired, Is.True);
        }
        Assert.That(() => AcquireAsync(permits), Throws.InstanceOf<RpcException>());
    }

    private static Task<RateLimitLease> AcquireAsync(InferencePermits permits, CancellationToken stop = default) =>
        permits.AcquireAsync(stop).AsTask();
}
