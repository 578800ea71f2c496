using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using FraudScoring.Server.Streams;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Server.Streams;

/// <summary>A batch passes its states in one order, and each step requires the one before.</summary>
public sealed class IngestBatchTests
{
    private static readonly ProfileKeys Keys = new(TestCatalogues.Served, new EntityHasher("0123456789abcdef"u8), "test", new Erasures());
    private StateMarkers _markers = null!;
    private IngestBatch _batch = null!;

    [SetUp]
    public void NewBatch()
    {
        _markers = new StateMarkers();
        _batch = new IngestBatch(Keys, _markers, "topic");
    }

    [Test]
    public async Task Path_OfTransactions_PassesEveryStateInOrder()
    {
        var claims = new TaskCompletionSource();
        var states = new List<IngestBatchState> { _batch.State };
        _batch.BeginClaims(() => claims.Task);
        states.Add(_batch.State);
        claims.SetResult();
        await _batch.ClaimedAsync();
        states.Add(_batch.State);
        await _batch.WrittenAsync();
        states.Add(_batch.State);
        _batch.Complete();
        states.Add(_batch.State);
        Assert.That(states, Is.EqualTo(Enum.GetValues<IngestBatchState>()));
        await _batch.ClearAsync();
        Assert.That(_batch.State, Is.EqualTo(IngestBatchState.Filling));
    }

    /// <summary>A label that must wait holds back those behind it in its partition, and nothing else.</summary>
    [Test]
    public async Task CutAt_ARecord_EndsTheBatchBeforeIt_InItsPartition()
    {
        var (first, second) = (new TopicPartition("topic", 0), new TopicPartition("topic", 1));
        foreach (var (partition, offset) in new[] { (first, 4L), (second, 8L), (first, 5L), (second, 9L), (first, 6L) })
        {
            _batch.Track(At(partition, offset), new ConsumeResult<byte[], byte[]>
            {
                TopicPartitionOffset = new TopicPartitionOffset(partition, offset), Message = new Message<byte[], byte[]>(),
            });
        }
        _batch.CutAt(At(first, 5), first);
        Assert.That(_batch.NextByPartition, Is.EquivalentTo(new Dictionary<TopicPartition, long> { [first] = 5, [second] = 10 }));
        Assert.That(_batch.NextOffsets.Values, Is.EqualTo(new[] { 5L, 10L }));
        Assert.That(
            new[] { (first, 4L), (first, 5L), (first, 6L), (second, 9L) }.Select(record => _batch.IsBehindCut(record.Item1, record.Item2)),
            Is.EqualTo(new[] { false, true, true, false }));
        await _batch.ClearAsync();
        Assert.That(_batch.Cuts, Is.Empty);

        static RecordPosition At(TopicPartition partition, long offset) =>
            new(AppliedOffsets.SourceOf(0, partition.Partition.Value), offset);
    }

    [Test]
    public async Task Path_OfLabels_IsClaimedImmediately()
    {
        _batch.MarkClaimed();
        Assert.That(_batch.State, Is.EqualTo(IngestBatchState.Claimed));
        await _batch.WrittenAsync();
        _batch.Complete();
        Assert.That(_batch.State, Is.EqualTo(IngestBatchState.Completed));
    }

    /// <summary>
    /// A batch may be read again although all profiles have its records. Labels parked for its payments must still be found.
    /// </summary>
    [Test]
    public async Task Written_ProfilesHaveAllRecords_StillWaitsForTheClaims()
    {
        var transaction = Transaction(offset: 7);
        _markers.Set(0, [.. Enumerable.Repeat(8L, EntityKey.Buckets)]);
        _batch.Accept(transaction);
        _batch.Update(transaction);
        Assert.That(Enumerable.Range(0, EntityKey.Buckets).Select(bucket => _batch.ProfilesOf(bucket).Count), Is.All.Zero);

        var claims = new TaskCompletionSource();
        var parked = new ParkedLabel(1, 2, 0, 3, [4]);
        _batch.BeginClaims(async () =>
        {
            await claims.Task;
            _batch.AddWaiting(transaction, parked);
        });
        var written = _batch.WrittenAsync();
        Assert.That(written.IsCompleted, Is.False);
        Assert.That(_batch.State, Is.EqualTo(IngestBatchState.Claiming));
        claims.SetResult();
        await written;
        Assert.That(_batch.State, Is.EqualTo(IngestBatchState.Written));
        Assert.That(_batch.Waiting, Is.EqualTo(new[] { (transaction, parked) }));
    }

    [TestCase(nameof(IngestBatchState.Claiming))]
    [TestCase(nameof(IngestBatchState.Claimed))]
    [TestCase(nameof(IngestBatchState.Written))]
    [TestCase(nameof(IngestBatchState.Completed))]
    public async Task Records_OfABatchThatIsNoLongerFilled_AreRefused(string state)
    {
        await MoveToAsync(Enum.Parse<IngestBatchState>(state));
        var (transaction, label) = (Transaction(1), Label());
        AssertIllegal(() => _batch.Track(transaction.Position, Consumed(1)));
        AssertIllegal(() => _batch.Accept(transaction));
        AssertIllegal(() => _batch.Accept(label, Consumed(1)));
        AssertIllegal(() => _batch.Update(transaction));
        AssertIllegal(() => _batch.Update(label));
        AssertIllegal(_batch.CountDuplicate);
        AssertIllegal(() => _batch.Refuse(new RefusedRecord(Consumed(1), "kind", "reason")));
        AssertIllegal(_batch.MarkClaimed);
        AssertIllegal(() => _batch.BeginClaims(() => Task.CompletedTask));
    }

    [TestCase(nameof(IngestBatchState.Filling))]
    [TestCase(nameof(IngestBatchState.Written))]
    [TestCase(nameof(IngestBatchState.Completed))]
    public async Task Claimed_AndWritten_NeedClaimsToHaveBegun(string state)
    {
        await MoveToAsync(Enum.Parse<IngestBatchState>(state));
        AssertIllegal(_batch.ClaimedAsync);
        AssertIllegal(_batch.WrittenAsync);
    }

    [TestCase(nameof(IngestBatchState.Filling))]
    [TestCase(nameof(IngestBatchState.Claiming))]
    [TestCase(nameof(IngestBatchState.Claimed))]
    [TestCase(nameof(IngestBatchState.Completed))]
    public async Task Complete_NeedsTheBatchToBeWritten(string state)
    {
        await MoveToAsync(Enum.Parse<IngestBatchState>(state));
        AssertIllegal(_batch.Complete);
    }

    [TestCase(nameof(IngestBatchState.Filling))]
    [TestCase(nameof(IngestBatchState.Claimed))]
    [TestCase(nameof(IngestBatchState.Written))]
    [TestCase(nameof(IngestBatchState.Completed))]
    public async Task Drop_AndAddWaiting_BelongToTheClaims(string state)
    {
        await MoveToAsync(Enum.Parse<IngestBatchState>(state));
        AssertIllegal(() => _batch.Drop(Transaction(1)));
        AssertIllegal(() => _batch.AddWaiting(Transaction(1), new ParkedLabel(1, 2, 0, 3, [4])));
    }

    [TestCase(nameof(IngestBatchState.Filling))]
    [TestCase(nameof(IngestBatchState.Claiming))]
    public async Task IsDropped_BeforeTheClaimsHaveEnded_IsNotKnown(string state)
    {
        await MoveToAsync(Enum.Parse<IngestBatchState>(state));
        AssertIllegal(() => _batch.IsDropped(default));
    }

    [Test]
    public async Task IsDropped_AfterTheClaims_IsWhatTheyDropped()
    {
        var (first, again) = (Transaction(1), Transaction(2));
        _batch.Update(first);
        _batch.Update(again);
        _batch.BeginClaims(() =>
        {
            _batch.Drop(again);
            return Task.CompletedTask;
        });
        await _batch.ClaimedAsync();
        var updates = Enumerable.Range(0, EntityKey.Buckets).SelectMany(bucket => _batch.ProfilesOf(bucket))
            .SelectMany(profile => profile.Updates).ToList();
        Assert.That(updates, Is.Not.Empty);
        foreach (var update in updates)
        {
            Assert.That(_batch.IsDropped(update), Is.EqualTo(update.Position == again.Position));
        }
    }

    [Test]
    public async Task ClaimedAsync_ClaimsFailed_ThrowsEveryTime_AndTheBatchMayStillBeCleared()
    {
        _batch.BeginClaims(() => throw new TimeoutException());
        Assert.That(() => _batch.ClaimedAsync(), Throws.TypeOf<TimeoutException>());
        Assert.That(() => _batch.WrittenAsync(), Throws.TypeOf<TimeoutException>());
        Assert.That(_batch.State, Is.EqualTo(IngestBatchState.Claiming));
        await _batch.ClearAsync();
        Assert.That(_batch.State, Is.EqualTo(IngestBatchState.Filling));
    }

    [Test]
    public async Task Clear_WhileClaiming_WaitsForTheClaims_AndForgetsEverything()
    {
        var claims = new TaskCompletionSource();
        var transaction = Transaction(5);
        _batch.Accept(transaction);
        _batch.Track(transaction.Position, Consumed(5));
        _batch.Update(transaction);
        Assert.That((_batch.Records, _batch.NextOffsets[0], _batch.NextByPartition.Values.Single()), Is.EqualTo((1, 6, 6)));
        _batch.BeginClaims(() => claims.Task);
        var cleared = _batch.ClearAsync();
        Assert.That(cleared.IsCompleted, Is.False);
        claims.SetResult();
        await cleared;
        Assert.That(
            (_batch.Records, _batch.Transactions.Count, _batch.NextOffsets.Count, _batch.NextByPartition.Count, _batch.TimestampsMs.Count),
            Is.EqualTo((0, 0, 0, 0, 0)));
        Assert.That(Enumerable.Range(0, EntityKey.Buckets).Select(bucket => _batch.ProfilesOf(bucket).Count), Is.All.Zero);
    }

    [Test]
    public void Applied_OfABatchThatIsNotCompleted_IsRefused()
    {
        _batch.MarkClaimed();
        AssertIllegal(() => new StreamPosition(TimeProvider.System).Applied(_batch));
    }

    private async Task MoveToAsync(IngestBatchState state)
    {
        if (state == IngestBatchState.Claiming)
        {
            _batch.BeginClaims(() => Task.CompletedTask);
        }
        else if (state >= IngestBatchState.Claimed)
        {
            _batch.MarkClaimed();
        }
        if (state >= IngestBatchState.Written)
        {
            await _batch.WrittenAsync();
        }
        if (state == IngestBatchState.Completed)
        {
            _batch.Complete();
        }
        Assert.That(_batch.State, Is.EqualTo(state));
    }

    private static TransactionRecord Transaction(long offset)
    {
        var payment = TestPayments.Full("transaction", 1);
        var entities = new EntityKey[TestCatalogues.Served.Entities.Count];
        Keys.HashEntities(payment, entities);
        return new TransactionRecord(new RecordPosition(0, offset), payment, 100, Keys.HashTransaction(payment.TransactionId), entities);
    }

    private static LabelRecord Label()
    {
        var label = new Label { TransactionId = "transaction", EventTimeMs = 1, LabelTimeMs = 2, Fraud = true, Card = "card" };
        return new LabelRecord(new RecordPosition(1, 1), [], label, Keys.HashLabel(label), []);
    }

    private static ConsumeResult<byte[], byte[]> Consumed(long offset) => new()
    {
        TopicPartitionOffset = new TopicPartitionOffset("topic", 0, offset),
        Message = new Message<byte[], byte[]> { Timestamp = new Timestamp(1, TimestampType.CreateTime) },
    };

    private static void AssertIllegal(Action step) =>
        Assert.That(step, Throws.InvalidOperationException.With.Message.Contains("The batch is "));

    private static void AssertIllegal(Func<Task> step) =>
        Assert.That(() => step(), Throws.InvalidOperationException.With.Message.Contains("The batch is "));
}
