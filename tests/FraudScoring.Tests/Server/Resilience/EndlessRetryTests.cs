using FraudScoring.Server.Resilience;
using Microsoft.Extensions.Time.Testing;
using Polly;

namespace FraudScoring.Tests.Server.Resilience;

/// <summary>Retries without a limit: their delays, what ends them, and what they report.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class EndlessRetryTests : IDisposable
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(20), Longest = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(string Message, int Attempts, TimeSpan Pause)> _reports = [];

    [Test]
    public async Task Execute_ManyFailures_PausesDoubleUpToTheCapAndStayThere()
    {
        // Doubling without a cap would overflow a TimeSpan at the 49th attempt and a double at the 1030th.
        var calls = 0;
        var done = Retry().ExecuteAsync(
            _ => ++calls <= 1_200 ? throw new TimeoutException($"{calls}") : ValueTask.FromResult(calls), _stop.Token).AsTask();
        await AdvanceUntilAsync(done);
        Assert.That(await done, Is.EqualTo(1_201));
        var expected = Enumerable.Range(0, 1_200).Select(i => i < 8 ? First * (1 << i) : Longest);
        Assert.That(_reports.Select(report => report.Pause), Is.EqualTo(expected));
        Assert.That(_reports.Select(report => (report.Message, report.Attempts)),
            Is.EqualTo(Enumerable.Range(1, 1_200).Select(i => ($"{i}", i))));
    }

    [Test]
    public async Task Execute_BeforeThePauseIsOver_DoesNotTryAgain()
    {
        var calls = 0;
        var done = Retry().ExecuteAsync(
            _ => ++calls < 2 ? throw new TimeoutException() : ValueTask.FromResult(calls), _stop.Token).AsTask();
        _time.Advance(First - TimeSpan.FromMilliseconds(1));
        await Task.Delay(20);
        Assert.That((calls, done.IsCompleted), Is.EqualTo((1, false)));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.That(await done, Is.EqualTo(2));
    }

    [Test]
    public void Execute_OtherException_IsRethrownAndNotReported()
    {
        Assert.That(async () => await Retry().ExecuteAsync<int>(_ => throw new InvalidDataException("x"), _stop.Token),
            Throws.TypeOf<InvalidDataException>());
        Assert.That(async () => await Retry().ExecuteAsync<int>(_ => throw new TimeoutException("permanent"), _stop.Token),
            Throws.TypeOf<TimeoutException>());
        Assert.That(_reports, Is.Empty);
    }

    [Test]
    public async Task Execute_CancelledDuringAPause_EndsWithTheCancellation()
    {
        var calls = 0;
        var done = Retry().ExecuteAsync<int>(_ => throw new TimeoutException($"{++calls}"), _stop.Token).AsTask();
        Assert.That(done.IsCompleted, Is.False);
        await _stop.CancelAsync();
        Assert.That(() => done, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(calls, Is.EqualTo(1));
    }

    public void Dispose() => _stop.Dispose();

    private async Task AdvanceUntilAsync(Task done)
    {
        while (!done.IsCompleted)
        {
            _time.Advance(Longest);
            await Task.Yield();
        }
    }

    private ResiliencePipeline Retry() => EndlessRetry.Create<TimeoutException>(
        _time, First, Longest, failure => failure.Message != "permanent",
        (failure, attempts, pause) => _reports.Add((failure.Message, attempts, pause)));
}
