using Confluent.Kafka;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using StackExchange.Redis;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Records of one topic on their way into the profiles. Their updates are grouped by profile and bucket, so that each profile is read and
/// written once per batch. Reused.
/// </summary>
/// <remarks>
/// Filling → Claiming → Claimed → Written → Completed. Each method states the state it needs and throws in any other. The batch passes from
/// thread to thread only through awaited tasks, so it needs no lock.
/// </remarks>
/// <param name="keys">Names the profiles.</param>
/// <param name="markers">Offsets that the buckets have already.</param>
/// <param name="topic">The topic.</param>
internal sealed class IngestBatch(ProfileKeys keys, StateMarkers markers, string topic)
{
    // Ignores the task's outcome, and continues on this thread.
    private const ConfigureAwaitOptions Here = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;

    private readonly Dictionary<(int Entity, EntityKey Key), PendingProfile> _profiles = [];
    private readonly List<PendingProfile>[] _buckets = [.. Enumerable.Range(0, EntityKey.Buckets).Select(_ => new List<PendingProfile>())];
    private readonly Stack<PendingProfile> _unused = [];
    private readonly HashSet<RecordPosition> _dropped = [];
    private readonly HashSet<RecordPosition> _copies = [];
    private readonly List<TransactionRecord> _transactions = [];
    private readonly List<(LabelRecord Label, ConsumeResult<byte[], byte[]> Record)> _labels = [];
    private readonly List<RefusedRecord> _refused = [];
    private readonly List<(TransactionRecord Transaction, ParkedLabel Label)> _waiting = [];
    private readonly List<long> _timestampsMs = [];
    private readonly Dictionary<TopicPartition, long> _cuts = [];
    private Task _claims = Task.CompletedTask;

    public IngestBatchState State { get; private set; }

    public IngestClock Clock { get; } = new(topic);

    public IReadOnlyList<TransactionRecord> Transactions => _transactions;

    public IReadOnlyList<(LabelRecord Label, ConsumeResult<byte[], byte[]> Record)> Labels => _labels;

    /// <summary>Records that were refused at the claim.</summary>
    public IReadOnlyList<RefusedRecord> Refused => _refused;

    /// <summary>Payments of the batch that a parked label waits for. Complete once the batch is claimed.</summary>
    public IReadOnlyList<(TransactionRecord Transaction, ParkedLabel Label)> Waiting => _waiting;

    /// <summary>Kafka timestamps of all records, milliseconds since the Unix epoch.</summary>
    public IReadOnlyList<long> TimestampsMs => _timestampsMs;

    /// <summary>Offset after the last record, by partition as numbered by <see cref="AppliedOffsets.SourceOf"/>.</summary>
    public SortedList<int, long> NextOffsets { get; } = [];

    /// <summary>Offset after the last record, by partition.</summary>
    public Dictionary<TopicPartition, long> NextByPartition { get; } = [];

    /// <summary>By partition that <see cref="CutAt"/> has cut: the offset that it ends at now.</summary>
    public IReadOnlyDictionary<TopicPartition, long> Cuts => _cuts;

    /// <summary>
    /// Number of payments that a profile already had from another record, although no claim of theirs was left. Complete once written.
    /// </summary>
    public int Copies => _copies.Count;

    /// <summary>Number of records that update profiles, duplicates included.</summary>
    public int Records { get; private set; }

    /// <summary>The profiles of a bucket that the batch updates.</summary>
    public IReadOnlyList<PendingProfile> ProfilesOf(int bucket) => _buckets[bucket];

    /// <summary>Advances the offsets past a record, valid or not. Needs Filling.</summary>
    public void Track(RecordPosition position, ConsumeResult<byte[], byte[]> record)
    {
        Require(IngestBatchState.Filling);
        NextOffsets[position.Source] = position.Offset + 1;
        NextByPartition[record.TopicPartition] = position.Offset + 1;
        _timestampsMs.Add(record.Message.Timestamp.UnixTimestampMs);
    }

    /// <summary>Adds a payment. Needs Filling.</summary>
    public void Accept(TransactionRecord transaction)
    {
        Require(IngestBatchState.Filling);
        _transactions.Add(transaction);
    }

    /// <summary>Adds a label. Needs Filling.</summary>
    public void Accept(LabelRecord label, ConsumeResult<byte[], byte[]> record)
    {
        Require(IngestBatchState.Filling);
        _labels.Add((label, record));
    }

    /// <summary>Adds a record for the dead-letter topic. Needs Filling.</summary>
    public void Refuse(RefusedRecord refused)
    {
        Require(IngestBatchState.Filling);
        _refused.Add(refused);
    }

    /// <summary>Adds the updates of a payment. Needs Filling.</summary>
    public void Update(TransactionRecord transaction)
    {
        Require(IngestBatchState.Filling);
        var update = new ProfileUpdate(transaction.Position, transaction.Payment, transaction.Amount, null);
        for (var e = 0; e < transaction.Entities.Length; e++)
        {
            Update(e, transaction.Entities[e], transaction.PreviousEntities.ElementAtOrDefault(e), update);
        }
        Records++;
    }

    /// <summary>Adds the updates of a label, for the entities it names or else for those of its transaction. Needs Filling.</summary>
    public void Update(LabelRecord label)
    {
        Require(IngestBatchState.Filling);
        var update = new ProfileUpdate(label.Position, null, 0, label.Label);
        foreach (var entity in keys.Catalogue.Entities.Where(entity => entity.KeepsLabels))
        {
            var previous = label.Entities.Length == 0
                ? keys.Previous?.HashEntity(entity.Index, label.Label) ?? EntityKey.None
                : label.PreviousEntities.ElementAtOrDefault(entity.Index);
            var key = label.Entities.Length == 0
                ? keys.HashHistory(entity.Index, label.Label)
                : keys.HashHistory(label.Entities[entity.Index], previous, label.Label);
            Update(entity.Index, key, previous, update);
        }
        Records++;
    }

    /// <summary>Ends the batch before a record, for the record's partition. Those from there on are not applied. Needs Filling.</summary>
    public void CutAt(RecordPosition position, TopicPartition partition)
    {
        Require(IngestBatchState.Filling);
        _cuts.Add(partition, position.Offset);
        (NextOffsets[position.Source], NextByPartition[partition]) = (position.Offset, position.Offset);
    }

    /// <summary>True if the batch ends before the record.</summary>
    public bool IsBehindCut(TopicPartition partition, long offset) => _cuts.TryGetValue(partition, out var next) && offset >= next;

    /// <summary>Counts a label that another record has claimed. Needs Filling.</summary>
    public void CountDuplicate()
    {
        Require(IngestBatchState.Filling);
        Records++;
    }

    /// <summary>Filling → Claiming. The claims run on the thread pool, because the caller's thread goes on to poll Kafka.</summary>
    /// <param name="claims">May change the batch only through <see cref="Drop"/> and <see cref="AddWaiting"/>.</param>
    public void BeginClaims(Func<Task> claims)
    {
        Move(IngestBatchState.Filling, IngestBatchState.Claiming);
        _claims = Task.Run(claims, CancellationToken.None);
    }

    /// <summary>Filling → Claimed, for a stream that claims before it adds updates.</summary>
    public void MarkClaimed() => Move(IngestBatchState.Filling, IngestBatchState.Claimed);

    /// <summary>Excludes a payment that another record has claimed. Needs Claiming.</summary>
    public void Drop(TransactionRecord transaction)
    {
        Require(IngestBatchState.Claiming);
        _dropped.Add(transaction.Position);
    }

    /// <summary>Adds a parked label that waits for one of the batch's payments. Needs Claiming.</summary>
    public void AddWaiting(TransactionRecord transaction, ParkedLabel label)
    {
        Require(IngestBatchState.Claiming);
        _waiting.Add((transaction, label));
    }

    /// <summary>Claiming → Claimed, once the claims have ended. Does nothing if the batch is already claimed.</summary>
    /// <remarks>Rethrows the exception of failed claims; the batch then stays as it is.</remarks>
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

    /// <summary>True if the record was excluded. Needs Claimed, because it is not known earlier.</summary>
    public bool IsDropped(in ProfileUpdate update)
    {
        Require(IngestBatchState.Claimed);
        return _dropped.Count > 0 && _dropped.Contains(update.Position);
    }

    /// <summary>Notes what a record was to one of its profiles. Needs Claimed. A batch that is applied again notes the same.</summary>
    public void Note(in ProfileUpdate update, AppliedAs applied)
    {
        Require(IngestBatchState.Claimed);
        if (applied == AppliedAs.Copy)
        {
            _copies.Add(update.Position);
        }
    }

    /// <summary>Claiming or Claimed → Written, once the claims have ended.</summary>
    /// <remarks>
    /// Awaits the claims, because a batch may get here without: when it is read again after a crash and the profiles have all its records,
    /// nothing is written. Without the claims, a label that is parked for one of its payments would not be published.
    /// </remarks>
    public async Task WrittenAsync()
    {
        await ClaimedAsync();
        Move(IngestBatchState.Claimed, IngestBatchState.Written);
    }

    /// <summary>Written → Completed.</summary>
    public void Complete() => Move(IngestBatchState.Written, IngestBatchState.Completed);

    /// <summary>Any state → Filling, once the claims have ended or failed. Empties the batch.</summary>
    public async Task ClearAsync()
    {
        // Claims that still run use the batch, and would meet an emptied one.
        await _claims.ConfigureAwait(Here);
        foreach (var profile in _profiles.Values)
        {
            profile.Updates.Clear();
            _unused.Push(profile);
        }
        _profiles.Clear();
        Array.ForEach(_buckets, bucket => bucket.Clear());
        _dropped.Clear();
        _copies.Clear();
        _transactions.Clear();
        _labels.Clear();
        _refused.Clear();
        _waiting.Clear();
        _timestampsMs.Clear();
        _cuts.Clear();
        NextOffsets.Clear();
        NextByPartition.Clear();
        Clock.Clear();
        (Records, _claims, State) = (0, Task.CompletedTask, IngestBatchState.Filling);
    }

    /// <exception cref="InvalidOperationException">The batch is in another state.</exception>
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

    private void Update(int entity, EntityKey key, EntityKey previous, in ProfileUpdate update)
    {
        // A rewind starts at the offset of the bucket that is furthest behind. The others have the record already and skip it here.
        if (key.IsNone || update.Position.Offset < markers.At(update.Position.Source, key.Bucket))
        {
            return;
        }
        if (!_profiles.TryGetValue((entity, key), out var profile))
        {
            profile = _unused.TryPop(out var unused) ? unused : new PendingProfile();
            (profile.Entity, profile.EntityKey, profile.Key) = (entity, key, keys.Name(entity, key));
            profile.PreviousEntityKey = keys.Previous is null ? EntityKey.None : previous;
            profile.PreviousKey = keys.Previous is null || previous.IsNone ? default : keys.Previous.Name(entity, previous);
            _profiles.Add((entity, key), profile);
            _buckets[key.Bucket].Add(profile);
        }
        profile.Updates.Add(update);
    }
}

/// <summary>One profile of a batch, with the updates to apply to it.</summary>
internal sealed class PendingProfile
{
    public int Entity { get; set; }

    public EntityKey EntityKey { get; set; }

    public RedisKey Key { get; set; }

    /// <summary>The entity's hash under the previous secret; none if there is none.</summary>
    public EntityKey PreviousEntityKey { get; set; }

    /// <summary>Its key under the previous secret; default if there is none.</summary>
    public RedisKey PreviousKey { get; set; }

    /// <summary>Updates in the order of their records.</summary>
    public List<ProfileUpdate> Updates { get; } = [];
}

/// <summary>A record for the dead-letter topic.</summary>
/// <param name="Record">The record.</param>
/// <param name="Kind">The kind of fault, from a small fixed set: it is a metric label.</param>
/// <param name="Reason">The faults, without the record's values.</param>
internal sealed record RefusedRecord(ConsumeResult<byte[], byte[]> Record, string Kind, string Reason);
