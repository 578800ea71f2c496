using Confluent.Kafka;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using FraudScoring.Server.Streams;
using FraudScoring.Tests.Core.Features;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Server.Streams;

/// <summary>A consumer's position and the health derived from it: a broken stream never looks like a quiet one.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class StreamPositionTests
{
    private static readonly ProfileKeys Keys = new(TestCatalogues.Served, new EntityHasher("0123456789abcdef"u8), "test");
    private static readonly TopicPartition First = new("topic", 0), Second = new("topic", 1);

    private readonly FakeTimeProvider _time = new();
    private readonly StreamPosition _position;
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly FakeConsumer _fake;

    public StreamPositionTests()
    {
        _position = new StreamPosition(_time);
        (_consumer, _fake) = FakeConsumer.Create();
        _position.Reset();
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    [Test]
    public async Task Applied_SeveralBatches_KeepsTheNextOffsetOfEachPartition()
    {
        await ApplyAsync(1_000, (First, 4), (Second, 9));
        await ApplyAsync(2_000, (First, 7));
        Assert.That(_position.NextOffsets, Is.EquivalentTo(new Dictionary<TopicPartition, long> { [First] = 8, [Second] = 10 }));
        _position.Rewind(Second, 3);
        _position.Forget(First);
        Assert.That(_position.NextOffsets, Is.EquivalentTo(new Dictionary<TopicPartition, long> { [Second] = 3 }));
    }

    [Test]
    public async Task Store_AppliedOffsets_AreHandedOverOnce_AndThoseOfPartitionsThatAreGoneStayAhead()
    {
        _fake.Assigned.Add(First);
        Assert.That(_position.IsAhead, Is.False);
        await ApplyAsync(1_000, (First, 4), (Second, 9));
        Assert.That(_position.IsAhead, Is.True);
        _position.Store(_consumer);
        Assert.That(_fake.Stored, Is.EquivalentTo(new Dictionary<TopicPartition, long> { [First] = 5 }));
        Assert.That(_position.IsAhead, Is.True, "the second partition is another consumer's");
        _position.Forget(Second);
        Assert.That(_position.IsAhead, Is.False);
        _position.Rewind(First, 2);
        Assert.That(_position.IsAhead, Is.True);
    }

    [Test]
    public async Task BehindSince_AllApplied_IsNull_AndOnceMoreArrivesTheTimeOfTheLastApplied()
    {
        await AssignAsync(first: 5, second: 10);
        Assert.That(_position.BehindSince(_consumer), Is.Null);
        var seen = NowMs;
        _fake.Ends[First] = new WatermarkOffsets(0, 6);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_position.BehindSince(_consumer), Is.EqualTo(seen), "nothing waited when it was last seen at the end");
        await ApplyAsync(timestampMs: seen - 40_000, (Second, 9));
        Assert.That(_position.BehindSince(_consumer), Is.EqualTo(seen - 40_000), "the next record is no older than the last applied one");
    }

    [Test]
    public async Task BehindSince_BrokersAreAskedAtMostEveryFiveSeconds_AndAgainAfterAChange()
    {
        await AssignAsync(first: 5, second: 10);
        for (var i = 0; i < 49; i++)
        {
            Assert.That(_position.BehindSince(_consumer), Is.Null);
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }
        Assert.That(_fake.Queries, Is.EqualTo(2), "one for each partition");
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _position.BehindSince(_consumer);
        Assert.That(_fake.Queries, Is.EqualTo(4));
        _position.Rewind(First, 0);
        Assert.That(_position.BehindSince(_consumer), Is.Not.Null);
        Assert.That(_fake.Queries, Is.EqualTo(5), "the first partition settles it");
    }

    [Test]
    public async Task BehindSince_BrokersDoNotAnswer_CountsAsBehindSinceTheyDid()
    {
        await AssignAsync(first: 5, second: 10);
        Assert.That(_position.BehindSince(_consumer), Is.Null);
        var seen = NowMs;
        _fake.IsUnreachable = true;
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.That(_position.BehindSince(_consumer), Is.EqualTo(seen));
        _fake.IsUnreachable = false;
        Assert.That(_position.BehindSince(_consumer), Is.Null);
    }

    [Test]
    public void BehindSince_NoPartition_IsBehindSinceTheReset()
    {
        var reset = NowMs;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.That(_position.BehindSince(_consumer), Is.EqualTo(reset), "nothing is known of the log");
    }

    [TestCase(0, 0)]
    [TestCase(7, 7)]
    public void BehindSince_EmptyPartition_IsCaughtUp(long low, long high)
    {
        _fake.Assigned.Add(First);
        _fake.Ends[First] = new WatermarkOffsets(low, high);
        Assert.That(_position.BehindSince(_consumer), Is.Null);
    }

    [Test]
    public void BehindSince_RecordsOfWhichNoneIsApplied_IsBehind()
    {
        _fake.Assigned.Add(First);
        _fake.Ends[First] = new WatermarkOffsets(0, 1);
        Assert.That(_position.BehindSince(_consumer), Is.EqualTo(NowMs));
    }

    [Test]
    public async Task Remaining_SumsWhatIsLeftOfEachPartition_AndIgnoresEndsThatAreUnknownOrOld()
    {
        await ApplyAsync(1_000, (First, 4), (Second, 9), (new TopicPartition("topic", 2), 0));
        _fake.Ends[First] = new WatermarkOffsets(0, 25);
        _fake.Ends[Second] = new WatermarkOffsets(0, 8);
        Assert.That(_position.Remaining(_consumer), Is.EqualTo(20));
    }

    private async Task AssignAsync(long first, long second)
    {
        _fake.Assigned.AddRange([First, Second]);
        (_fake.Ends[First], _fake.Ends[Second]) = (new WatermarkOffsets(0, first), new WatermarkOffsets(0, second));
        await ApplyAsync(NowMs, (First, first - 1), (Second, second - 1));
    }

    private async Task ApplyAsync(long timestampMs, params (TopicPartition Partition, long Offset)[] records)
    {
        var batch = new IngestBatch(Keys, new StateMarkers(), "topic");
        foreach (var (partition, offset) in records)
        {
            batch.Track(new RecordPosition(AppliedOffsets.SourceOf(0, partition.Partition.Value), offset), new ConsumeResult<byte[], byte[]>
            {
                TopicPartitionOffset = new TopicPartitionOffset(partition, offset),
                Message = new Message<byte[], byte[]> { Timestamp = new Timestamp(timestampMs, TimestampType.CreateTime) },
            });
        }
        batch.MarkClaimed();
        await batch.WrittenAsync();
        batch.Complete();
        _position.Applied(batch);
    }
}
