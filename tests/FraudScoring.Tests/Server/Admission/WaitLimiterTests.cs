using FraudScoring.Server.Admission;

namespace FraudScoring.Tests.Server.Admission;

/// <summary>When the wait for a thread means overload. One tick is a microsecond here: the target is 2 ms and an interval 20 ms.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WaitLimiterTests
{
    private const long Ms = 1000, Target = 2 * Ms, Interval = 20 * Ms, Tolerance = 2 * Target;

    private readonly WaitLimiter _limiter = new(Target, Interval);

    [Test]
    public void AWaitOfEveryRequestAboveTheTarget_IsOverload_FromTheNextIntervalOn()
    {
        var refused = Requests(0, 60 * Ms, wait: 10 * Ms);
        Assert.That(refused.Where(at => at < Interval), Is.Empty, "one interval shows nothing yet");
        Assert.That(refused.Count(at => at >= Interval), Is.EqualTo(38), "all but the first of each interval");
        Assert.That(_limiter.IsOverloaded(60 * Ms), Is.True);
    }

    [Test]
    public void UnderOverload_OnlyWhatHasWaitedForTooLong_IsRefused()
    {
        Requests(0, 60 * Ms, wait: 10 * Ms);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_limiter.MustRefuse((60 * Ms) + 1, Tolerance, Tolerance), Is.False);
            Assert.That(_limiter.MustRefuse((60 * Ms) + 2, Tolerance + 1, Tolerance), Is.True);
        }
    }

    [Test]
    public void ABurst_ThatIsDoneWithinEachInterval_IsNoOverload()
    {
        for (var start = 0L; start < 1000 * Ms; start += 200 * Ms)
        {
            // A pause of 40 ms, after which requests wait ever less.
            for (var i = 0; i < 200; i++)
            {
                Assert.That(_limiter.MustRefuse(start + (i * Ms), Math.Max(0, 40 - (3 * i)) * Ms, Tolerance), Is.False);
            }
        }
    }

    [Test]
    public void OneShortWaitPerInterval_EndsTheOverload()
    {
        Requests(0, 60 * Ms, wait: 10 * Ms);
        _limiter.MustRefuse(60 * Ms, Ms, Tolerance);
        Assert.That(Requests(61 * Ms, 80 * Ms, wait: 10 * Ms), Is.Not.Empty, "the interval of the short wait is not over");
        Assert.That(Requests(80 * Ms, 100 * Ms, wait: 10 * Ms), Is.Empty);
    }

    [Test]
    public void APauseWithoutRequests_EndsTheOverload()
    {
        Requests(0, 60 * Ms, wait: 10 * Ms);
        Assert.That(_limiter.IsOverloaded(60_000 * Ms), Is.False);
        Assert.That(Requests(60_000 * Ms, 60_019 * Ms, wait: 10 * Ms), Is.Empty);
    }

    [Test]
    public void OverloadedFor_CountsFromItsBeginning()
    {
        Requests(0, 200 * Ms, wait: 10 * Ms);
        Assert.That(_limiter.OverloadedFor(200 * Ms), Is.EqualTo(180 * Ms).Within(Ms));
        Assert.That(_limiter.OverloadedFor(60_000 * Ms), Is.Zero);
    }

    /// <summary>
    /// A server that answers a request in 0.5 ms and refuses one in 0.02 ms gets requests in constant intervals. Of those that it answers,
    /// none may have waited for long, and it must stay busy with answers.
    /// </summary>
    [TestCase(0.7, 0.7, 0)]
    [TestCase(1.5, 0.93, 20)]
    [TestCase(2, 0.93, 20)]
    [TestCase(3, 0.88, 20)]
    public void AQueue_AtAnyLoad_AnswersAlmostAsMuchAsItCan_AndKeepsTheWaitShort(double load, double goodput, int longestMs)
    {
        const long answer = Ms / 2, refusal = Ms / 50;
        var (free, answered, refused, longest) = (0L, 0, 0, 0L);
        var requests = (int)(load * 5000 * Ms / answer);
        for (var i = 0; i < requests; i++)
        {
            var arrived = (long)(i * answer / load);
            free = Math.Max(free, arrived);
            var wait = free - arrived;
            if (_limiter.MustRefuse(free, wait, Tolerance))
            {
                refused++;
                free += refusal;
                continue;
            }
            // Until the first interval is over, nothing is refused.
            longest = arrived < 100 * Ms ? longest : Math.Max(longest, wait);
            answered++;
            free += answer;
        }
        var capacity = free / (double)answer;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answered / capacity, Is.GreaterThanOrEqualTo(goodput - 0.001));
            Assert.That(refused, load < 1 ? Is.Zero : Is.Positive);
            Assert.That(longest / Ms, Is.LessThanOrEqualTo(longestMs));
        }
    }

    [Test]
    public void ManyThreads_ReportTheShortestWait()
    {
        // One request in a thousand did not wait, so no interval is overloaded, whichever thread reports it.
        Parallel.For(0, 8, thread =>
        {
            for (var i = 0; i < 100_000; i++)
            {
                var wait = i % 1000 == 0 ? 0 : 10 * Ms;
                // Each thread passes 4,000 requests per interval.
                if (_limiter.MustRefuse(i * Interval / 4000, wait, Tolerance))
                {
                    throw new InvalidOperationException($"Thread {thread}, request {i} was refused.");
                }
            }
        });
    }

    /// <summary>Sends a request per millisecond, and returns the times of those that were refused.</summary>
    private List<long> Requests(long from, long until, long wait)
    {
        var refused = new List<long>();
        for (var now = from; now < until; now += Ms)
        {
            if (_limiter.MustRefuse(now, wait, Tolerance))
            {
                refused.Add(now);
            }
        }
        return refused;
    }
}
