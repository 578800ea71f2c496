using FraudScoring.Server.Resilience;

namespace FraudScoring.Tests.Server.Resilience;

public sealed class BoundedWaitTests
{
    private static readonly TimeSpan Never = TimeSpan.FromHours(1), Soon = TimeSpan.FromMilliseconds(10);

    private readonly WaitDeadlines _deadlines = new();

    [OneTimeTearDown]
    public void Stop() => _deadlines.Dispose();

    [Test]
    public async Task WaitAsync_TaskCompletes_EndsTheWait_AndIsReused()
    {
        var wait = new BoundedWait(_deadlines);
        for (var i = 0; i < 1000; i++)
        {
            var task = new TaskCompletionSource();
            var waiting = wait.WaitAsync(task.Task, Never);
            Assert.That(waiting.IsCompleted, Is.False);
            _ = Task.Run(task.SetResult);
            await waiting;
            Assert.That(task.Task.IsCompleted, Is.True);
        }
        Assert.That(wait.HasExpired, Is.False);
    }

    [Test]
    public async Task WaitAsync_TaskFails_EndsTheWaitWithoutAnError()
    {
        var wait = new BoundedWait(_deadlines);
        await wait.WaitAsync(Task.FromException(new InvalidOperationException("failed")), Never);
        Assert.That(wait.HasExpired, Is.False);
    }

    [Test]
    public async Task WaitAsync_TaskNeverCompletes_Expires_ShortBeforeLong()
    {
        var (longWait, shortWait, task) = (new BoundedWait(_deadlines), new BoundedWait(_deadlines), new TaskCompletionSource());
        var waiting = longWait.WaitAsync(task.Task, Never);
        await shortWait.WaitAsync(task.Task, Soon);
        Assert.That((shortWait.HasExpired, waiting.IsCompleted), Is.EqualTo((true, false)));
        // The late completion ends the other wait, and changes nothing for the one that has expired.
        task.SetResult();
        await waiting;
        Assert.That(longWait.HasExpired, Is.False);
    }

    [Test]
    public async Task WaitAsync_ServiceStops_EndsPresentAndLaterWaits()
    {
        using var deadlines = new WaitDeadlines();
        var (present, later, task) = (new BoundedWait(deadlines), new BoundedWait(deadlines), new TaskCompletionSource());
        var waiting = present.WaitAsync(task.Task, Never);
        deadlines.Dispose();
        await waiting;
        await later.WaitAsync(task.Task, Never);
        Assert.That((present.HasExpired, later.HasExpired), Is.EqualTo((true, true)));
    }

    [Test]
    public async Task WaitAsync_ManyAtTheSameTime_AllEnd()
    {
        var random = new Random(1);
        var waits = Enumerable.Range(0, 2000).Select(i => (Expires: i % 3 == 0, Delay: random.Next(20))).ToList();
        var expired = await Task.WhenAll(waits.Select(async planned =>
        {
            var (wait, task) = (new BoundedWait(_deadlines), new TaskCompletionSource());
            await Task.Yield();
            var waiting = wait.WaitAsync(task.Task, planned.Expires ? TimeSpan.FromMilliseconds(planned.Delay) : Never);
            if (!planned.Expires)
            {
                await Task.Delay(planned.Delay);
                task.SetResult();
            }
            await waiting;
            return wait.HasExpired;
        }));
        Assert.That(expired, Is.EqualTo(waits.Select(planned => planned.Expires)));
    }
}
