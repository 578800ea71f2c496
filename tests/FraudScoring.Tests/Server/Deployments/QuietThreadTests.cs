using FraudScoring.Inference.Devices;
using FraudScoring.Server.Deployments;

namespace FraudScoring.Tests.Server.Deployments;

public sealed class QuietThreadTests
{
    [Test]
    public async Task RunAsync_Work_IsDoneOnAThreadOfItsOwnThatGivesWay()
    {
        var (here, there, nice, isBackground) = (Environment.CurrentManagedThreadId, 0, "", false);
        await QuietThread.RunAsync(
            () => (there, nice, isBackground) = (Environment.CurrentManagedThreadId, Nice(), Thread.CurrentThread.IsBackground));
        Assert.That(there, Is.Not.Zero.And.Not.EqualTo(here));
        Assert.That(nice, Is.EqualTo("19"));
        Assert.That(isBackground, Is.True, "it does not delay the program's exit");
    }

    [Test]
    public async Task RunAsync_WhatFollows_IsNotDoneQuietly()
    {
        var (before, there) = (OperatingSystem.IsLinux() ? Nice() : "", 0);
        await QuietThread.RunAsync(() => there = Environment.CurrentManagedThreadId);
        Assert.That(Environment.CurrentManagedThreadId, Is.Not.EqualTo(there));
        Assert.That(OperatingSystem.IsLinux() ? Nice() : "", Is.EqualTo(before));
    }

    [Test]
    public async Task RunAsync_Work_IsOnlyDoneWhenItIs()
    {
        using var go = new ManualResetEventSlim();
        var running = QuietThread.RunAsync(go.Wait);
        Assert.That(running.IsCompleted, Is.False);
        go.Set();
        await running;
    }

    [Test]
    public void RunAsync_WorkThatFails_FailsForItsCaller() =>
        Assert.That(
            async () => await QuietThread.RunAsync(() => throw new InvalidDataException("no")), Throws.InstanceOf<InvalidDataException>());

    [Test]
    public async Task RunAsync_ManyAtATime_AllAreDone()
    {
        var done = 0;
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => QuietThread.RunAsync(() => Interlocked.Increment(ref done))));
        Assert.That(done, Is.EqualTo(50));
    }

    /// <summary>On Linux a thread inherits the priority of the one that starts it.</summary>
    [Test]
    [Platform("Linux")]
    public async Task Start_FromAQuietThread_StartsAThreadOfNormalPriority()
    {
        var nice = new TaskCompletionSource<string>();
        await QuietThread.RunAsync(() => NormalThreads.Start(new Thread(() => nice.SetResult(Nice()))));
        Assert.That(await nice.Task, Is.EqualTo(NiceIn("/proc/self/stat")));
    }

    private static string NiceIn(string file) => File.ReadAllText(file).Split(')')[^1].Split(' ')[17];

    /// <summary>The 19th field of stat. The second is a name in brackets.</summary>
    private static string Nice() =>
        OperatingSystem.IsLinux() ? NiceIn("/proc/thread-self/stat") : "19";
}
