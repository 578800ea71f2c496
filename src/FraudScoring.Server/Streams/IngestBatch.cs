using Confluent.Kafka;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using StackExchange.Redis;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Records of one topic on their way into the profiles, with the updates they make gathered by profile and bucket, so that each profile
/// is read and written once. Reused.
/// </summary>
/// <remarks>
/// Filling → Claiming → Claimed → Written → Completed. Each method says which state it needs, and throws in any other. Nothing but
/// awaited tasks leads from one thread to the next, so the state needs no lock.
/// </remarks>
/// <param name="keys">Names the profiles.</param>
/// <param name="markers">What the profiles have already.</param>
/// <param name="topic">The topic.</param>
internal sealed class IngestBatch(ProfileKeys keys, StateMarkers markers, string topic)
{
    // Whatever became of it, and on this thread.
    private const ConfigureAwaitOptions Here = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;

    private readonly Dictionary<(int Entity, EntityKey Key), PendingProfile> _profiles = [];
    private readonly List<PendingProfile>[] _buckets = [.. Enumerable.Range(0, EntityKey.Buckets).Select(_ => new List<PendingProfile>())];
    private readonly Stack<PendingProfile> _unused = [];
    private readonly HashSet<RecordPosition> _dropped = [];
    private readonly List<TransactionRecord> _transactions = [];
    private readonly List<(LabelRecord Label, ConsumeResult<byte[], byte[]> Record)> _labels = [];
    private readonly List<RefusedRecord> _refused = [];
    private readonly List<(TransactionRecord Transaction, ParkedLabel Label)> _waiting = [];
    private readonly List<long> _timestampsMs = [];
    private Task _claims = Task.CompletedTask;

    /// <summary>Where the batch is on its path.</summary>
    public IngestBatchState State { get; private set; }

    /// <summary>Measures the path.</summary>
    public IngestClock Clock { get; } = new(topic);

    /// <summary>The payments that were read.</summary>
    public IReadOnlyList<TransactionRecord> Transactions => _transactions;

    /// <summary>The labels that were read, each with its record.</summary>
    public IReadOnlyList<(LabelRecord Label, ConsumeResult<byte[], byte[]> Record)> Labels => _labels;

    /// <summary>Records that were found unusable when they were claimed.</summary>
    public IReadOnlyList<RefusedRecord> Refused => _refused;

    /// <summary>Payments of the batch that a label has waited for. Known once the batch is claimed.</summary>
    public IReadOnlyList<(TransactionRecord Transaction, ParkedLabel Label)> Waiting => _waiting;

    /// <summary>Time stamps of all records, milliseconds since the Unix epoch.</summary>
    public IReadOnlyList<long> TimestampsMs => _timestampsMs;

    /// <summary>The offset behind the last record, by partition as <see cref="AppliedOffsets.SourceOf"/> numbers it.</summary>
    public SortedList<int, long> NextOffsets { get; } = [];

    /// <summary>The same, by the partition itself.</summary>
    public Dictionary<TopicPartition, long> NextByPartition { get; } = [];

    /// <summary>How many records are taken into profiles, duplicates included.</summary>
    public int Records { get; private set; }

    /// <summary>The touched profiles of a bucket.</summary>
    public IReadOnlyList<PendingProfile> ProfilesOf(int bucket) => _buckets[bucket];

    /// <summary>Takes note that a record was read, whatever became of it. While filling.</summary>
    public void Track(RecordPosition position, ConsumeResult<byte[], byte[]> record)
    {
        Require(IngestBatchState.Filling);
        NextOffsets[position.Source] = position.Offset + 1;
        NextByPartition[record.TopicPartition] = position.Offset + 1;
        _timestampsMs.Add(record.Message.Timestamp.UnixTimestampMs);
    }

    /// <summary>Takes a payment. While filling.</summary>
    public void Accept(TransactionRecord transaction)
    {
        Require(IngestBatchState.Filling);
        _transactions.Add(transaction);
    }

    /// <summary>Takes a label. While filling.</summary>
    public void Accept(LabelRecord label, ConsumeResult<byte[], byte[]> record)
    {
        Require(IngestBatchState.Filling);
        _labels.Add((label, record));
    }

    /// <summary>Takes note of a record that is to be put aside. While filling.</summary>
    public void Refuse(RefusedRecord refused)
    {
        Require(IngestBatchState.Filling);
        _refused.Add(refused);
    }

    /// <summary>Adds the updates that a payment makes. While filling.</summary>
    public void Update(TransactionRecord transaction)
    {
        Require(IngestBatchState.Filling);
        var update = new ProfileUpdate(transaction.Position, transaction.Payment, transaction.Amount, null);
        for (var e = 0; e < transaction.Entities.Length; e++)
        {
            Update(e, transaction.Entities[e], update);
        }
        Records++;
    }

    /// <summary>
    /// Adds the updates that a label makes, to the entities it names or else to those its transaction had. While filling.
    /// </summary>
    public void Update(LabelRecord label)
    {
        Require(IngestBatchState.Filling);
        var update = new ProfileUpdate(label.Position, null, 0, label.Label);
        foreach (var entity in keys.Catalogue.Entities.Where(entity => entity.KeepsLabels))
        {
            var key = label.Entities.Length == 0 ? keys.HashEntity(entity.Index, label.Label) : label.Entities[entity.Index];
            Update(entity.Index, key, update);
        }
        Records++;
    }

    /// <summary>Takes note of a label that another record brought already. While filling.</summary>
    public void CountDuplicate()
    {
        Require(IngestBatchState.Filling);
        Records++;
    }

    /// <summary>Filling → Claiming: the claims run on a thread of the pool, since the caller's waits for the next records.</summary>
    /// <param name="claims">Calls <see cref="Drop"/> and <see cref="AddWaiting"/>, and nothing else of the batch that changes it.</param>
    public void BeginClaims(Func<Task> claims)
    {
        Move(IngestBatchState.Filling, IngestBatchState.Claiming);
        _claims = Task.Run(claims, CancellationToken.None);
    }

    /// <summary>Filling → Claimed: the claims have ended before.</summary>
    public void MarkClaimed() => Move(IngestBatchState.Filling, IngestBatchState.Claimed);

    /// <summary>Takes a payment out of the batch again: another record brought it already. While claiming.</summary>
    public void Drop(TransactionRecord transaction)
    {
        Require(IngestBatchState.Claiming);
        _dropped.Add(transaction.Position);
    }

    /// <summary>Takes note of a label that waits for one of the batch's payments. While claiming.</summary>
    public void AddWaiting(TransactionRecord transaction, ParkedLabel label)
    {
        Require(IngestBatchState.Claiming);
        _waiting.Add((transaction, label));
    }

    /// <summary>Claiming → Claimed, once the claims have ended. Does nothing when the batch is claimed already.</summary>
    /// <remarks>Whatever made the claims fail is thrown, and leaves the batch as it is.</remarks>
    public async Task ClaimedAsync()
    {
        if (State == IngestBatchState.Claimed)
        {
            return;
        }
        Require(IngestBatchState.Claiming);
        await _claims;
        Move(IngestBatchState.Claiming, IngestBatchState.Claimed);
    }

    /// <summary>The record was taken out of the batch. Only when it is claimed: before, nobody knows.</summary>
    public bool IsDropped(in ProfileUpdate update)
    {
        Require(IngestBatchState.Claimed);
        return _dropped.Count > 0 && _dropped.Contains(update.Position);
    }

    /// <summary>Claiming or Claimed → Written, once the claims have ended.</summary>
    /// <remarks>
    /// Of a batch that is read again after a crash the profiles may have all records, so nothing is written and nothing waited for its
    /// claims on the way. A label that is parked for one of its payments would not be published.
    /// </remarks>
    public async Task WrittenAsync()
    {
        await ClaimedAsync();
        Move(IngestBatchState.Claimed, IngestBatchState.Written);
    }

    /// <summary>Written → Completed.</summary>
    public void Complete() => Move(IngestBatchState.Written, IngestBatchState.Completed);

    /// <summary>
    /// Any state → Filling, once the claims have ended, whatever became of them: forgets everything, for the next records.
    /// </summary>
    public async Task ClearAsync()
    {
        await _claims.ConfigureAwait(Here);
        foreach (var profile in _profiles.Values)
        {
            profile.Updates.Clear();
            _unused.Push(profile);
        }
        _profiles.Clear();
        Array.ForEach(_buckets, bucket => bucket.Clear());
        _dropped.Clear();
        _transactions.Clear();
        _labels.Clear();
        _refused.Clear();
        _waiting.Clear();
        _timestampsMs.Clear();
        NextOffsets.Clear();
        NextByPartition.Clear();
        Clock.Clear();
        (Records, _claims, State) = (0, Task.CompletedTask, IngestBatchState.Filling);
    }

    /// <summary>Throws unless the batch is in this state.</summary>
    /// <exception cref="InvalidOperationException">It is in another one.</exception>
    public void Require(IngestBatchState state)
    {
        if (State != state)
        {
            throw new InvalidOperationException($"The batch is {State} where it must be {state}.");
        }
    }

    private void Move(IngestBatchState from, IngestBatchState to)
    {
        Require(from);
        State = to;
    }

    private void Update(int entity, EntityKey key, in ProfileUpdate update)
    {
        // A replay reaches back to the bucket that has the least: the others have the record already.
        if (key.IsNone || update.Position.Offset < markers.At(update.Position.Source, key.Bucket))
        {
            return;
        }
        if (!_profiles.TryGetValue((entity, key), out var profile))
        {
            profile = _unused.TryPop(out var unused) ? unused : new PendingProfile();
            (profile.Entity, profile.EntityKey, profile.Key) = (entity, key, keys.Name(entity, key));
            _profiles.Add((entity, key), profile);
            _buckets[key.Bucket].Add(profile);
        }
        profile.Updates.Add(update);
    }
}

/// <summary>One profile of a batch, and what is to be taken into it.</summary>
internal sealed class PendingProfile
{
    public int Entity { get; set; }

    public EntityKey EntityKey { get; set; }

    public RedisKey Key { get; set; }

    /// <summary>In the order of their records.</summary>
    public List<ProfileUpdate> Updates { get; } = [];
}

/// <summary>A record that cannot be used.</summary>
/// <param name="Record">The record.</param>
/// <param name="Kind">The kind of fault, one of few: it labels a metric.</param>
/// <param name="Reason">What is wrong with it.</param>
internal sealed record RefusedRecord(ConsumeResult<byte[], byte[]> Record, string Kind, string Reason);
