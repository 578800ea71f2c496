using System.Diagnostics;
using FraudScoring.LoadTest.Scores;
using FraudScoring.V1;
using Grpc.Core;

namespace FraudScoring.Tests.Benchmarks.Scores;

public sealed class TallyTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1000);

    [Test]
    public void Record_EveryOutcome_IsCountedOnce()
    {
        var tally = new Tally(Deadline, seconds: 1);
        var now = Stopwatch.GetTimestamp();
        var longAgo = now - (2000 * Stopwatch.Frequency);
        tally.Record(now, now, now, new Answer(Outcome.Scored, Degradation: Degradation.MissingFeatures, Decision: Decision.Decline));
        tally.Record(now, now, now, new Answer(Outcome.Scored, Decision: Decision.Approve));
        tally.Record(longAgo, longAgo, now, new Answer(Outcome.Scored, Decision: Decision.Approve));
        tally.Record(now, now, now, new Answer(Outcome.Expired));
        tally.Record(now, now, now, new Answer(Outcome.WithoutModel));
        tally.Record(now, now, now, new Answer(Outcome.Refused, StatusCode.Unavailable));
        tally.Record(now, now, now, new Answer(Outcome.Failed));
        tally.RecordRetried();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((tally.Offered, tally.Attempts, tally.Good, tally.Scored), Is.EqualTo((7, 8, 2, 3)));
            Assert.That((tally.Late, tally.WithoutModel, tally.Failed, tally.RefusedTotal), Is.EqualTo((2, 1, 1, 1)));
            Assert.That(tally.Refused, Is.EqualTo(new[] { (StatusCode.Unavailable, 1L) }));
            Assert.That(tally.Degraded, Is.EqualTo(new[] { (Degradation.MissingFeatures, 1L) }));
            Assert.That(tally.NotApprovedShare, Is.EqualTo(1 / 3.0));
            Assert.That(tally.Slots.Sum(slot => slot.Offered), Is.EqualTo(7));
            Assert.That(tally.Slots.Sum(slot => slot.Good), Is.EqualTo(2));
            Assert.That(tally.Slots.Sum(slot => slot.Refused), Is.EqualTo(1));
        }
    }

    [Test]
    public void PercentileMs_OfSeveralLoads_IsThatOfAllPayments()
    {
        var (fast, slow) = (new Tally(Deadline, 1), new Tally(Deadline, 1));
        var now = Stopwatch.GetTimestamp();
        for (var i = 0; i < 90; i++)
        {
            fast.Record(now, now, now, new Answer(Outcome.Scored));
        }
        for (var i = 0; i < 10; i++)
        {
            slow.Record(now, now - (500 * Stopwatch.Frequency), now, new Answer(Outcome.Scored));
        }
        Assert.That(Tally.PercentileMs([fast, slow], 90), Is.LessThan(400_000));
        Assert.That(Tally.PercentileMs([fast, slow], 91), Is.GreaterThan(499_000));
    }
}
