using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;

namespace FraudScoring.Tests.Server.Features;

/// <summary>A topic is as fresh as its partition that is furthest behind.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class TopicFreshnessTests
{
    private const long NowMs = 1_800_000_000_000;

    private readonly TopicFreshness _topic = new(1);

    [Test]
    public void Judge_SeveralPartitions_TheOneFurthestBehindCounts()
    {
        Assert.That(LagOf(3, (0, 100), (1, 20_000), (2, 0)), Is.EqualTo(20_000));
        Assert.That(_topic.AppliedUntilMs, Is.EquivalentTo(new Dictionary<int, long>
        {
            [0] = NowMs - 100, [1] = NowMs - 20_000, [2] = NowMs,
        }));
    }

    [Test]
    public void Judge_TheOtherTopic_DoesNotCount()
    {
        var other = AppliedOffsets.SourceOf(0, 0);
        var reading = new FreshnessReading(NowMs, new Dictionary<int, long> { [other] = 0, [AppliedOffsets.SourceOf(1, 0)] = NowMs - 5 });
        Assert.That(_topic.Judge(reading, 1, TimeSpan.Zero).TotalMilliseconds, Is.EqualTo(5));
    }

    [Test]
    public void Judge_APartitionWithoutAValue_IsBehindSinceTheStart()
    {
        Assert.That(LagOf(2, (0, 0)), Is.EqualTo(60_000), "the service has run for a minute");
        Assert.That(LagOf(2, (0, 0), (1, 0)), Is.Zero);
        Assert.That(LagOf(2), Is.EqualTo(60_000), "Redis was emptied");
    }

    [Test]
    public void Judge_NoPartitionKnown_IsBehindSinceTheStart() => Assert.That(LagOf(0), Is.EqualTo(60_000));

    [Test]
    public void Judge_BrokersUnknown_TheStoredValuesCount() => Assert.That(LagOf(0, (0, 7), (3, 9)), Is.EqualTo(9));

    [Test]
    public void Judge_APartitionAddedLater_IsBehindSinceItWasSeen()
    {
        Assert.That(LagOf(1, (0, 0)), Is.Zero);
        Assert.That(LagOf(2, (0, 0)), Is.Zero, "no record of it can be older");
        var later = new FreshnessReading(NowMs + 4_000, new Dictionary<int, long> { [AppliedOffsets.SourceOf(1, 0)] = NowMs + 4_000 });
        Assert.That(_topic.Judge(later, 2, TimeSpan.Zero).TotalMilliseconds, Is.EqualTo(4_000));
    }

    [Test]
    public void HasReadUpToStart_OnceEveryNamedPartitionHasPassedTheStart()
    {
        LagOf(0, (0, 0), (1, 0));
        Assert.That(_topic.HasReadUpToStart, Is.False, "brokers may name more");
        LagOf(2, (0, 0));
        Assert.That(_topic.HasReadUpToStart, Is.False);
        LagOf(2, (0, 0), (1, 60_001));
        Assert.That(_topic.HasReadUpToStart, Is.False, "a millisecond before the start");
        LagOf(2, (0, 0), (1, 60_000));
        Assert.That(_topic.HasReadUpToStart, Is.True);
        LagOf(3);
        Assert.That(_topic.HasReadUpToStart, Is.True);
    }

    /// <summary>The lag that follows from these lags of partitions, in milliseconds, in a service that has run for a minute.</summary>
    private double LagOf(int partitions, params (int Partition, long LagMs)[] lags)
    {
        var values = lags.ToDictionary(lag => AppliedOffsets.SourceOf(1, lag.Partition), lag => NowMs - lag.LagMs);
        return _topic.Judge(new FreshnessReading(NowMs, values), partitions, TimeSpan.FromMinutes(1)).TotalMilliseconds;
    }
}
