using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>The updates of a batch of records, gathered by entity and bucket, so that each profile is read and written once. Reused.</summary>
internal sealed class ProfileBatch(FeatureCatalogue catalogue, ProfileKeys keys, StateMarkers markers)
{
    private readonly Dictionary<(int Entity, EntityKey Key), PendingProfile> _profiles = [];
    private readonly List<PendingProfile>[] _buckets = [.. Enumerable.Range(0, EntityKey.Buckets).Select(_ => new List<PendingProfile>())];
    private readonly SortedList<int, long> _nextOffsets = [];
    private readonly Stack<PendingProfile> _unused = [];
    private readonly HashSet<(int Source, long Offset)> _dropped = [];

    /// <summary>By partition of the log, the offset behind the last record of the batch.</summary>
    public SortedList<int, long> NextOffsets => _nextOffsets;

    /// <summary>How many records were added.</summary>
    public int Records { get; private set; }

    /// <summary>
    /// What must have ended before anything of the batch is written, since it may still <see cref="Drop"/> records, and before the batch is
    /// taken in. Profiles are read meanwhile.
    /// </summary>
    public Task Settled { get; set; } = Task.CompletedTask;

    /// <summary>The touched profiles of a bucket.</summary>
    public IReadOnlyList<PendingProfile> Of(int bucket) => _buckets[bucket];

    /// <summary>Adds a payment's record, by the keys of its entities.</summary>
    public void Add(int source, long offset, Payment payment, long amount, ReadOnlySpan<EntityKey> entities)
    {
        var update = new ProfileUpdate(source, offset, payment, amount, null);
        for (var e = 0; e < entities.Length; e++)
        {
            Add(e, entities[e], update);
        }
        Records++;
    }

    /// <summary>Adds a label's record. Its entities are those it names, or else those its transaction had.</summary>
    /// <param name="source">The partition.</param>
    /// <param name="offset">The record's offset.</param>
    /// <param name="label">The label.</param>
    /// <param name="entities">The entities of its transaction, or nothing when the label names its own.</param>
    public void Add(int source, long offset, Label label, ReadOnlySpan<EntityKey> entities)
    {
        var update = new ProfileUpdate(source, offset, null, 0, label);
        for (var e = 0; e < catalogue.Entities.Count; e++)
        {
            if (catalogue.Entities[e].KeepsLabels)
            {
                Add(e, entities.IsEmpty ? keys.Of(e, label) : entities[e], update);
            }
        }
        Records++;
    }

    /// <summary>Takes note of a label that another record brought already.</summary>
    public void AddDuplicate() => Records++;

    /// <summary>Takes a record out of the batch again: another one brought its payment already.</summary>
    public void Drop(int source, long offset) => _dropped.Add((source, offset));

    /// <summary>The record was taken out of the batch.</summary>
    public bool IsDropped(in ProfileUpdate update) => _dropped.Count > 0 && _dropped.Contains((update.Source, update.Offset));

    /// <summary>Takes note that a record was read, whatever became of it.</summary>
    public void Read(int source, long offset) => _nextOffsets[source] = offset + 1;

    /// <summary>Forgets everything, for the next batch.</summary>
    public void Clear()
    {
        foreach (var profile in _profiles.Values)
        {
            profile.Updates.Clear();
            _unused.Push(profile);
        }
        _profiles.Clear();
        _nextOffsets.Clear();
        _dropped.Clear();
        Array.ForEach(_buckets, bucket => bucket.Clear());
        Records = 0;
    }

    private void Add(int entity, EntityKey key, in ProfileUpdate update)
    {
        // A replay reaches back to the bucket that has the least: the others have the record already.
        if (key.IsNone || update.Offset < markers.At(update.Source, key.Bucket))
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
