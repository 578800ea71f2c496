using System.Collections.Concurrent;
using FraudScoring.LoadTest.Scores;
using Grpc.Core;

namespace FraudScoring.Tests.Benchmarks.Scores;

public sealed class LoadGeneratorTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    [Test]
    public async Task Open_CallsThatAreNotAnswered_DoNotKeepBackTheOthers()
    {
        var answers = new TaskCompletionSource<Answer>();
        using var caller = new FakeCaller(_ => answers.Task);
        var load = new LoadGenerator(caller, () => [], Deadline).OpenAsync([new Phase(2000, 0.2)], seed: 1, CancellationToken.None);
        while (caller.Calls < Arrivals.Poisson([new Phase(2000, 0.2)], seed: 1).Count())
        {
            await Task.Delay(1);
        }
        answers.SetResult(new Answer(Outcome.Scored));
        var tally = await load;
        Assert.That((tally.Offered, tally.Good), Is.EqualTo((caller.Calls, caller.Calls)));
    }

    [Test]
    public async Task Open_PaymentsWhoseDeadlineHasPassed_AreNotSent_AndCount()
    {
        using var caller = new FakeCaller(_ => Task.FromResult(new Answer(Outcome.Scored)));
        var tally = await new LoadGenerator(caller, () => [], deadline: TimeSpan.FromTicks(-1))
            .OpenAsync([new Phase(1000, 0.05)], seed: 4, CancellationToken.None);
        Assert.That((caller.Calls, tally.Good), Is.EqualTo((0, 0)));
        Assert.That((tally.Offered, tally.Late), Is.EqualTo((tally.Late, Arrivals.Poisson([new Phase(1000, 0.05)], seed: 4).Count())));
    }

    [Test]
    public async Task Open_WithRetries_SendsTheSameRequestUntilItIsScored()
    {
        var sent = new ConcurrentDictionary<byte[], int>();
        using var caller = new FakeCaller(request => Task.FromResult(sent.AddOrUpdate(request, 1, (_, count) => count + 1) <= 2
            ? new Answer(Outcome.Refused, StatusCode.ResourceExhausted) : new Answer(Outcome.Scored)));
        var tally = await new LoadGenerator(caller, () => [1], Deadline) { Retries = 3 }
            .OpenAsync([new Phase(1000, 0.05)], seed: 2, CancellationToken.None);
        Assert.That(sent.Values, Is.All.EqualTo(3));
        Assert.That((tally.Good, tally.Attempts, tally.RefusedTotal), Is.EqualTo((tally.Offered, 3 * tally.Offered, 0)));
    }

    [Test]
    public async Task Open_RetriesThatAreAllRefused_AreARefusal()
    {
        using var caller = new FakeCaller(_ => Task.FromResult(new Answer(Outcome.Refused, StatusCode.ResourceExhausted)));
        var tally = await new LoadGenerator(caller, () => [1], Deadline) { Retries = 3 }
            .OpenAsync([new Phase(1000, 0.05)], seed: 2, CancellationToken.None);
        Assert.That((tally.Good, tally.Attempts, tally.RefusedTotal), Is.EqualTo((0, 4 * tally.Offered, tally.Offered)));
    }

    [Test]
    public async Task Closed_EachCaller_WaitsForItsAnswer()
    {
        using var ending = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var (running, most, calls) = (0, 0, 0);
        using var caller = new FakeCaller(async _ =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref running));
            while (Volatile.Read(ref running) < 3 && !ending.IsCancellationRequested)
            {
                await Task.Yield();
            }
            if (Interlocked.Increment(ref calls) == 30)
            {
                await ending.CancelAsync();
            }
            Interlocked.Decrement(ref running);
            return new Answer(Outcome.Scored);
        });
        var tally = await new LoadGenerator(caller, () => [], Deadline).ClosedAsync(3, TimeSpan.FromHours(1), ending.Token);
        Assert.That(most, Is.EqualTo(3));
        Assert.That(calls, Is.GreaterThanOrEqualTo(30));
        Assert.That(tally.Offered, Is.EqualTo(caller.Calls));
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = most; value > seen; seen = Interlocked.CompareExchange(ref most, value, seen))
        {
        }
    }

    private sealed class FakeCaller(Func<byte[], Task<Answer>> answer) : ICaller
    {
        private int _calls;

        public int Calls => _calls;

        public Task<Answer> CallAsync(byte[] request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            return answer(request);
        }

        public void Dispose()
        {
        }
    }
}
