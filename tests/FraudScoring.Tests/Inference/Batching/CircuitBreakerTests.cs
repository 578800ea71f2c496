using FraudScoring.Inference.Batching;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Inference.Batching;

public sealed class CircuitBreakerTests
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider _time = new();

    [Test]
    public void State_WalksFromClosedOverOpenAndHalfOpenBackToClosed()
    {
        var breaker = new CircuitBreaker(1, Pause());
        Assert.That((breaker.State, breaker.TimeToProbe), Is.EqualTo((CircuitState.Closed, Timeout.InfiniteTimeSpan)));
        Assert.That((breaker.RecordFailure(CircuitBreaker.NoProbe), breaker.State, breaker.TimeToProbe),
            Is.EqualTo((true, CircuitState.Open, First)));
        Assert.That(breaker.TryEnter(out _), Is.False);
        _time.Advance(First);
        Assert.That((breaker.TryEnter(out var probe), breaker.State, breaker.TimeToProbe),
            Is.EqualTo((true, CircuitState.HalfOpen, Timeout.InfiniteTimeSpan)));
        Assert.That((breaker.RecordSuccess(probe), breaker.State), Is.EqualTo((true, CircuitState.Closed)));
    }

    [Test]
    public void CreateHalfOpen_ProbeFails_Opens()
    {
        var breaker = CircuitBreaker.CreateHalfOpen(Pause(), out var probe);
        Assert.That((breaker.State, breaker.TryEnter(out _)), Is.EqualTo((CircuitState.HalfOpen, false)));
        Assert.That((breaker.RecordFailure(probe), breaker.State), Is.EqualTo((false, CircuitState.Open)));
    }

    [Test]
    public void Refuse_IsPermanent()
    {
        var breaker = new CircuitBreaker(1, Pause());
        breaker.Refuse();
        _time.Advance(TimeSpan.FromDays(1));
        breaker.RecordSuccess(CircuitBreaker.NoProbe);
        breaker.RecordFailure(CircuitBreaker.NoProbe);
        Assert.That((breaker.TryEnter(out _), breaker.State, breaker.TimeToProbe),
            Is.EqualTo((false, CircuitState.Refused, Timeout.InfiniteTimeSpan)));
    }

    [Test]
    public void TryEnter_FromManyThreadsWhenThePauseIsOver_AdmitsOneProbe()
    {
        var breaker = new CircuitBreaker(1, Pause());
        breaker.RecordFailure(CircuitBreaker.NoProbe);
        _time.Advance(First);
        var admitted = 0;
        Parallel.For(0, 1000, _ => Interlocked.Add(ref admitted, breaker.TryEnter(out var _) ? 1 : 0));
        Assert.That(admitted, Is.EqualTo(1));
    }

    private RetryPause Pause() => new(First, TimeSpan.FromMinutes(1), _time);
}
