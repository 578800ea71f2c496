using FraudScoring.Server.Streams;

namespace FraudScoring.Tests.Server.Streams;

public sealed class StreamThreadTests
{
    [Test]
    public async Task RunAsync_LoopThatAwaits_StaysOnAThreadThatIsNotOfThePool()
    {
        var threads = new List<int>();
        var isOfPool = false;
        await StreamThread.RunAsync("loop", async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                threads.Add(Environment.CurrentManagedThreadId);
                isOfPool |= Thread.CurrentThread.IsThreadPoolThread;
                await AwaitAsync(i);
            }
        });
        Assert.That(threads, Has.Count.EqualTo(20));
        Assert.That(threads.Distinct().ToList(), Has.Count.EqualTo(1));
        Assert.That(isOfPool, Is.False);
    }

    [Test]
    public async Task RunAsync_WorkSentElsewhere_RunsWhileTheLoopBlocks()
    {
        using var isDone = new ManualResetEventSlim();
        var isSeen = false;
        await StreamThread.RunAsync("loop", async () =>
        {
            var elsewhere = Task.Run(async () =>
            {
                await Task.Yield();
                isDone.Set();
            });
            isSeen = isDone.Wait(TimeSpan.FromSeconds(30));
            await elsewhere;
        });
        Assert.That(isSeen, Is.True);
    }

    [Test]
    public void RunAsync_LoopThatFails_FailsForItsCaller()
    {
        Assert.That(async () => await StreamThread.RunAsync("loop", () => throw new InvalidDataException("immediately")),
            Throws.InstanceOf<InvalidDataException>());
        Assert.That(async () => await StreamThread.RunAsync("loop", async () =>
        {
            await Task.Yield();
            throw new InvalidDataException("later");
        }), Throws.InstanceOf<InvalidDataException>());
    }

    [Test]
    public async Task RunAsync_LoopThatIsCancelled_IsCancelled()
    {
        using var stop = new CancellationTokenSource();
        var loop = StreamThread.RunAsync("loop", () => Task.Delay(Timeout.Infinite, stop.Token));
        await stop.CancelAsync();
        Assert.That(async () => await loop, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(loop.IsCanceled, Is.True);
    }

    [Test]
    public async Task RunAsync_WhatTheLoopDidNotWaitFor_EndsAfterIt()
    {
        var (go, late) = (new TaskCompletionSource(), (Task<bool>?)null);
        await StreamThread.RunAsync("loop", () =>
        {
            late = LateAsync(go.Task);
            return Task.CompletedTask;
        });
        go.SetResult();
        Assert.That(await late!, Is.True);
    }

    private static async Task<bool> LateAsync(Task go)
    {
        await go;
        return true;
    }

    private static async Task AwaitAsync(int kind)
    {
        switch (kind % 3)
        {
            case 0: await Task.Yield(); break;
            case 1: await Task.Delay(1); break;
            default: await Task.Run(() => Thread.Yield()); break;
        }
    }
}
