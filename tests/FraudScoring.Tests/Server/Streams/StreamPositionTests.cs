using Confluent.Kafka;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using FraudScoring.Server.Streams;
using FraudScoring.Tests.Core.Features;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Server.Streams;

/// <summary>A consumer's position, and until when it has applied everything: a broken stream never looks like a quiet one.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class StreamPositionTests
{
    private static readonly ProfileKeys Keys = new(TestCatalogues.Served, new EntityHasher("0123456789abcdef"u8), "test", new Erasures());
    private static readonly TopicPartition First = new("topic", 0), Second = new("topic", 1);

    private readonly FakeTimeProvider _time = new();
    private readonly StreamPosition _position;
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly FakeConsumer _fake;
    private readonly Dictionary<TopicPartition, long> _ends = [];
    private readonly PartitionEnds _brokers;
    private readonly List<TaskCompletionSource<IReadOnlyDictionary<TopicPartition, long>>> _asked = [];
    private long? _answer;

    public StreamPositionTests()
    {
        _position = new StreamPosition(_time);
        _brokers = new PartitionEnds(AskAsync, _time);
        (_consumer, _fake) = FakeConsumer.Create();
    }

    [Test]
    public async Task Applied_SeveralBatches_KeepsTheNextOffsetOfEachPartition()
    {
        await ApplyAsync((First, 4), (Second, 9));
        await ApplyAsync((First, 7));
        Assert.That(NextOffsets(), Is.EquivalentTo(new Dictionary<TopicPartition, long> { [First] = 8, [Second] = 10 }));
        Place(Second, 3, end: 10, isRewind: true);
        _position.Forget(First);
        Assert.That(NextOffsets(), Is.EquivalentTo(new Dictionary<TopicPartition, long> { [Second] = 3 }));
    }

    [Test]
    public async Task Store_AppliedOffsets_AreHandedOverOnce_AndThoseOfPartitionsThatAreGoneStayAhead()
    {
        _fake.Assigned.Add(First);
        Assert.That(_position.IsAhead, Is.False);
        await ApplyAsync((First, 4), (Second, 9));
        Assert.That(_position.IsAhead, Is.True);
        _position.Store(_consumer);
        Assert.That(_fake.Stored, Is.EquivalentTo(new Dictionary<TopicPartition, long> { [First] = 5 }));
        Assert.That(_position.IsAhead, Is.True, "the second partition is another consumer's");
        _position.Forget(Second);
        Assert.That(_position.IsAhead, Is.False);
        Place(First, 2, end: 5, isRewind: true);
        Assert.That(_position.IsAhead, Is.True);
    }

    [Test]
    public async Task Lag_AtTheEnd_IsZero_AndGrowsOnceMoreIsKnownToExist()
    {
        Place(First, 5, end: 5);
        _ends[First] = 5;
        Look(end: 5);
        Assert.That(Lag(), Is.Zero);
        Advance(5);
        Look(end: 6);
        Assert.That(_ends, Is.Empty, "brokers have more, so this is not the end");
        Advance(1);
        Assert.That(Lag(), Is.EqualTo(6_000), "all was applied when it was last seen at the end");
        await ApplyAsync((First, 5));
        Assert.That(Lag(), Is.EqualTo(1_000), "all that existed when brokers were asked is applied");
    }

    /// <summary>The commit of a transaction takes an offset that is never delivered; the client's end event passes over it.</summary>
    [Test]
    public async Task Lag_EndEventBehindControlRecords_IsZero_AndTheyCountAsApplied()
    {
        Place(First, 0, end: 2);
        await ApplyAsync((First, 1));
        Advance(2);
        Look(end: 3);
        Assert.That((Lag(), _position.Remaining), Is.EqualTo((2_000d, 1)));
        _ends[First] = 3;
        Look(end: 3);
        Assert.That((Lag(), _position.Remaining), Is.EqualTo((0d, 0)));
        Assert.That(NextOffsets()[First], Is.EqualTo(3));
    }

    [Test]
    public void Lag_EndEventWhileRecordsAreBeingApplied_IsNotZero()
    {
        Place(First, 0, end: 2);
        _position.Take(First, 2);
        _ends[First] = 2;
        Advance(3);
        Look(end: 2);
        Assert.That(Lag(), Is.Null);
    }

    [Test]
    public async Task Lag_OfASteadyStream_IsTheTimeSinceTheSampleThatWasReached()
    {
        Place(First, 0, end: 10);
        for (var second = 1; second <= 500; second++)
        {
            Advance(1);
            Look(end: 10 + (10 * second));
            await ApplyAsync((First, (10 * second) - 1));
            Assert.That(Lag(), Is.EqualTo(1_000), "ten records behind, which is a second");
        }
    }

    [Test]
    public async Task Lag_OfABacklog_ThatIsWorkedOff_IsNeverLessThanItIs()
    {
        Place(First, 0, end: 100);
        for (var second = 1; second <= 600; second++)
        {
            Advance(1);
            Look(end: 100 + second);
        }
        Assert.That(Lag(), Is.Null, "nothing is known to be applied");
        await ApplyAsync((First, 299));
        Assert.That(Lag(), Is.InRange(400_000, 440_000), "all that existed 400 s ago is applied, within the spacing of old samples");
        await ApplyAsync((First, 699));
        Assert.That(Lag(), Is.Zero);
    }

    [Test]
    public async Task Lag_AfterARewind_IsThatOfTheSampleBeforeIt()
    {
        Place(First, 0, end: 4);
        await ApplyAsync((First, 3));
        Advance(10);
        Look(end: 8);
        await ApplyAsync((First, 7));
        Advance(1);
        Place(First, 5, end: 8, isRewind: true);
        Assert.That((Lag(), _position.Partitions[First].IsSetBack), Is.EqualTo((11_000d, true)));
        Place(First, 1, end: 8, isRewind: true);
        Assert.That(Lag(), Is.Null);
    }

    [Test]
    public void Look_BrokersAreAskedEverySecondWhileBehind_AndEveryThreeAtTheEnd()
    {
        Place(First, 0, end: 5);
        for (var tenth = 0; tenth < 50; tenth++)
        {
            Advance(0.1);
            Look(end: 5);
        }
        Assert.That(_asked.Count, Is.EqualTo(5));
        Place(First, 5, end: 5);
        _ends[First] = 5;
        for (var tenth = 0; tenth < 100; tenth++)
        {
            Advance(0.1);
            Look(end: 5);
            Assert.That(Lag(), Is.Zero);
        }
        Assert.That(_asked.Count, Is.EqualTo(8));
    }

    [Test]
    public void Lag_BrokersDoNotAnswer_GrowsFromTheirLastAnswer()
    {
        Place(First, 5, end: 5);
        _ends[First] = 5;
        Advance(4);
        Look(end: 5);
        Assert.That(Lag(), Is.Zero);
        Advance(6);
        LookUnanswered();
        Assert.That(Lag(), Is.EqualTo(6_000));
        Answer(new Dictionary<TopicPartition, long>());
        LookUnanswered();
        Assert.That((Lag(), _asked.Count), Is.EqualTo((6_000d, 2)), "brokers could not be reached, and are asked once a second");
        Advance(2);
        Look(end: 5);
        Assert.That(Lag(), Is.Zero);
    }

    [Test]
    public async Task Lag_AnAnswerTakesTime_IsThatOfTheTimeBeforeBrokersWereAsked()
    {
        Place(First, 0, end: 5);
        await ApplyAsync((First, 7));
        Advance(1);
        LookUnanswered();
        Advance(3);
        LookUnanswered();
        Assert.That((_asked.Count, Lag()), Is.EqualTo((1, 4_000d)), "brokers are not asked again while they have not answered");
        Answer(new Dictionary<TopicPartition, long> { [First] = 8 });
        LookUnanswered();
        Assert.That((_asked.Count, Lag()), Is.EqualTo((1, 3_000d)));
    }

    [Test]
    public void Look_TheAnswerIsAboutAnEarlierAssignment_IsIgnored()
    {
        Place(First, 0, end: 5);
        Advance(1);
        LookUnanswered();
        _position.Forget(First);
        Advance(1);
        Place(First, 0, end: 1);
        Answer(new Dictionary<TopicPartition, long> { [First] = 9, [Second] = 3 });
        LookUnanswered();
        Assert.That(_position.Remaining, Is.EqualTo(1));
    }

    [Test]
    public void Lag_AtTheEnd_TheAnswerTakesTwoSeconds_StaysZero()
    {
        Place(First, 5, end: 5);
        _ends[First] = 5;
        for (var tenth = 1; tenth < 50; tenth++)
        {
            Advance(0.1);
            LookUnanswered();
            Assert.That(Lag(), Is.Zero);
        }
    }

    [Test]
    public void Look_ARewindComesBeforeTheAnswer_TheAnswerIsIgnored()
    {
        Place(First, 4, end: 5);
        Advance(1);
        LookUnanswered();
        Advance(1);
        Place(First, 2, end: 9, isRewind: true);
        Answer(new Dictionary<TopicPartition, long> { [First] = 5 });
        LookUnanswered();
        Assert.That(_position.Remaining, Is.EqualTo(7));
    }

    [Test]
    public void EndsOf_AnUnreachableLeader_IsNoAnswer()
    {
        var answers = new List<TopicPartitionOffsetError>
        {
            new(First, 7, new Error(ErrorCode.NoError)), new(Second, Offset.Unset, new Error(ErrorCode.NoError)),
            new(new TopicPartition("topic", 2), 3, new Error(ErrorCode.LeaderNotAvailable)),
        };
        Assert.That(PartitionEnds.EndsOf(answers), Is.EqualTo(new Dictionary<TopicPartition, long> { [First] = 7 }));
    }

    private Dictionary<TopicPartition, long> NextOffsets() =>
        _position.Partitions.ToDictionary(partition => partition.Key, partition => partition.Value.Next);

    private double? Lag() => _position.Partitions[First].AppliedUntil is { } until ? _time.GetElapsedTime(until).TotalMilliseconds : null;

    private void Advance(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    private void Place(TopicPartition partition, long next, long end, bool isRewind = false) =>
        _position.Place(partition, next, end, _time.GetTimestamp(), isRewind);

    /// <summary>Looks while brokers answer at the same moment.</summary>
    private void Look(long end)
    {
        _answer = end;
        _position.Look(_brokers, _ends);
    }

    /// <summary>Looks while brokers do not answer.</summary>
    private void LookUnanswered()
    {
        _answer = null;
        _position.Look(_brokers, _ends);
    }

    private void Answer(Dictionary<TopicPartition, long> ends) => _asked[^1].SetResult(ends);

    private Task<IReadOnlyDictionary<TopicPartition, long>> AskAsync(IReadOnlyList<TopicPartition> partitions)
    {
        var asked = new TaskCompletionSource<IReadOnlyDictionary<TopicPartition, long>>();
        _asked.Add(asked);
        if (_answer is { } end)
        {
            asked.SetResult(partitions.ToDictionary(partition => partition, _ => end));
        }
        return asked.Task;
    }

    private async Task ApplyAsync(params (TopicPartition Partition, long Offset)[] records)
    {
        var batch = new IngestBatch(Keys, new StateMarkers(), "topic");
        foreach (var (partition, offset) in records)
        {
            batch.Track(new RecordPosition(AppliedOffsets.SourceOf(0, partition.Partition.Value), offset), new ConsumeResult<byte[], byte[]>
            {
                TopicPartitionOffset = new TopicPartitionOffset(partition, offset),
                Message = new Message<byte[], byte[]> { Timestamp = new Timestamp(1, TimestampType.CreateTime) },
            });
            _position.Take(partition, offset + 1);
        }
        batch.MarkClaimed();
        await batch.WrittenAsync();
        batch.Complete();
        _position.Applied(batch);
    }
}
