using FraudScoring.Server.Admission;

namespace FraudScoring.Tests.Server.Admission;

/// <summary>How many payments may be in flight under overload. A tick is a microsecond.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ConcurrencyLimiterTests
{
    private const long Ms = 1_000, Queueing = 8 * Ms, Slot = 100 * Ms;
    private const int Least = 4, Most = 64;

    private readonly ConcurrencyLimiter _limiter = new(Queueing, Slot, Least, Most);
    private long _now;

    [Test]
    public void BeforeTheFirstTenth_ThereIsNoLimit() => Assert.That(_limiter.Limit, Is.EqualTo(int.MaxValue));

    [TestCase(1_000, 1, ExpectedResult = 9)]
    [TestCase(4_000, 1, ExpectedResult = 36)]
    [TestCase(1_000, 16, ExpectedResult = 24)]
    public int TheLimit_FollowsLittlesLaw(int perSecond, int durationMs)
    {
        Run(perSecond, durationMs * Ms, seconds: 1);
        return _limiter.Limit;
    }

    [Test]
    public void Waiting_DoesNotRaiseTheLimit_AsLongAsSomePaymentsDoNotWait()
    {
        for (var i = 0; i < 10; i++)
        {
            Run(1_000, 30 * Ms, seconds: 0.09);
            Run(1_000, 1 * Ms, seconds: 0.01);
        }
        Assert.That(_limiter.Limit, Is.InRange(8, 10));
    }

    [Test]
    public void AThroughputThatTheLimitReduces_DoesNotReduceTheLimitWithinASecond()
    {
        Run(4_000, 1 * Ms, seconds: 1);
        Run(400, 1 * Ms, seconds: 0.7);
        Assert.That(_limiter.Limit, Is.EqualTo(36));
        Run(400, 1 * Ms, seconds: 0.5);
        Assert.That(_limiter.Limit, Is.EqualTo(Least), "0.4 per millisecond and 9 ms are 3.6");
    }

    [Test]
    public void TheLimit_IsNeverAboveTheHighest()
    {
        Run(20_000, 5 * Ms, seconds: 1);
        Assert.That(_limiter.Limit, Is.EqualTo(Most));
    }

    [Test]
    public void AfterAnIdleTime_ThroughputIsNotOverestimated()
    {
        Run(1_000, 1 * Ms, seconds: 1);
        _now += 60_000 * Ms;
        Run(1_000, 1 * Ms, seconds: 1.2);
        Assert.That(_limiter.Limit, Is.EqualTo(9));
    }

    [Test]
    public void EndsOfManyThreads_AreAllCounted()
    {
        var limiter = new ConcurrencyLimiter(Queueing, Slot, Least, most: 1_000_000);
        limiter.End(0, Ms);
        Parallel.For(0, 8, thread =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                limiter.End(1, thread == 3 && i == 5_000 ? 1 * Ms : 2 * Ms);
            }
        });
        limiter.End(Slot, 2 * Ms);
        // 80,001 ends in 100 ms, and 9 ms in the service.
        Assert.That(limiter.Limit, Is.EqualTo((int)(80_001 / (double)Slot * 9 * Ms)));
    }

    private void Run(int perSecond, long took, double seconds)
    {
        var gap = 1_000_000 / perSecond;
        for (var i = 0; i < perSecond * seconds; i++)
        {
            _limiter.End(_now += gap, took);
        }
    }
}
