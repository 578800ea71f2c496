using System.Buffers.Binary;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>
/// The claims of transactions and labels in Redis, and the labels parked until their transaction arrives. Claims expire after
/// Redis:TransactionHorizonMinutes.
/// </summary>
/// <remarks>
/// A claim stores which record (partition and offset) a transaction came with. The profiles' applied offsets already skip a record that is
/// read again, but not a copy that a producer published again at another offset: only the claim, keyed by the transaction's id, tells
/// that apart. The record that made the claim may claim again with the same answer, so a batch can be repeated after a crash. A claim also
/// stores the transaction's entities and time, so that a label need not name them. Keeping claims for good would cost memory per
/// transaction without limit; a copy published after the horizon counts twice.
/// <para>
/// A label without tokens whose transaction is unknown is parked. When the transaction arrives, or is found in the log, the label is
/// published to the topic of labels again with the payment's tokens, instead of being applied on the spot: applied like any other record,
/// it has a place in the log, so a rewind and the repair of a profile find it. The original record is never applied itself.
/// </para>
/// </remarks>
/// <param name="redis">The connections.</param>
/// <param name="keys">Names the keys.</param>
/// <param name="options">The lifetime of claims.</param>
/// <param name="maxParkedLabels">Most transactions that labels are parked for, over all buckets.</param>
internal sealed class TransactionIndex(RedisConnections redis, ProfileKeys keys, RedisOptions options, int maxParkedLabels)
{
    private const int OriginLength = 12, KeyLength = 16;
    // The second half of the last key of a claim, whose first half is the time of the payment. Earlier releases take it for the key of an
    // entity under a previous secret, and find nothing there.
    private const ulong TimeMark = ulong.MaxValue;

    /// <summary>Most labels parked for one transaction.</summary>
    public const int MostParkedOfOne = 16;

    private static readonly string ClaimTransactions = RedisScript.Load("claim-transactions");
    private static readonly string ClaimLabels = RedisScript.Load("claim-labels");
    private static readonly string FindOrPark = RedisScript.Load("find-or-park-label");
    private static readonly string Unpark = RedisScript.Load("unpark-label");

    private readonly IDatabase _database = redis.Writing.GetDatabase();
    private readonly RedisValue _horizonMs = options.TransactionHorizonMinutes * MillisecondsPer.Minute;
    // A script sees only its own bucket, so the limit is divided among the buckets.
    private readonly RedisValue _mostParked = Math.Max(1, maxParkedLabels / EntityKey.Buckets);

    /// <summary>Claims transactions, and finds those that another record has claimed and those that parked labels wait for.</summary>
    public async Task<TransactionClaims> ClaimAsync(IReadOnlyList<TransactionRecord> transactions)
    {
        var buckets = transactions.ToLookup(transaction => transaction.Transaction.Bucket);
        var groups = BucketGroups.Create(buckets.Select(bucket => bucket.Key), bucket => buckets[bucket].Count(), redis.IsCluster);
        var claims = await Task.WhenAll(groups.Select(group => ClaimAsync(group, buckets)));
        return new TransactionClaims([.. claims.SelectMany(claim => claim.Duplicates)], [.. claims.SelectMany(claim => claim.Waiting)]);
    }

    /// <summary>Claims labels whose entities are known.</summary>
    /// <returns>The positions of the labels that another record has claimed.</returns>
    public async Task<HashSet<RecordPosition>> ClaimAsync(IReadOnlyList<LabelRecord> labels)
    {
        var duplicates = await Task.WhenAll(labels.GroupBy(label => label.Key.Bucket).Select(bucket => ClaimAsync(bucket.ToArray())));
        return [.. duplicates.SelectMany(label => label)];
    }

    /// <summary>Finds the entities of a label's transaction, or parks the label until the transaction arrives.</summary>
    /// <param name="label">The label.</param>
    /// <param name="nowMs">Current time, milliseconds since the Unix epoch.</param>
    public async Task<LabelPlace> FindOrParkAsync(LabelRecord label, long nowMs)
    {
        var transaction = keys.HashTransaction(label.Label.TransactionId);
        var parked = new ParkedLabel(
            label.Label.LabelTimeMs, nowMs, AppliedOffsets.PartitionOf(label.Position.Source), label.Position.Offset, label.Value);
        RedisKey[] names =
        [
            keys.Parked(transaction.Bucket), keys.Transaction(transaction), keys.Mark(transaction, label.Key), keys.Transaction(label.Key),
        ];
        var answer = await _database.ScriptEvaluateAsync(
            FindOrPark, names, [Field(transaction), parked.ToBytes(), _mostParked, Origin(OriginLength, label.Position), MostParkedOfOne]);
        return answer.Resp2Type == ResultType.Integer
            ? new LabelPlace([], [], null, (int)answer == 1)
            : PlaceOf((byte[])answer!);
    }

    /// <summary>Removes a parked label, and marks it so that its record is not parked again.</summary>
    public Task<RedisResult> UnparkAsync(EntityKey transaction, EntityKey key, ParkedLabel label) => _database.ScriptEvaluateAsync(
        Unpark, [keys.Parked(transaction.Bucket), keys.Mark(transaction, key)], [Field(transaction), label.ToBytes(), _horizonMs]);

    /// <summary>Counts the transactions that labels are parked for.</summary>
    public async Task<long> CountParkedAsync()
    {
        var counts = await Task.WhenAll(
            Enumerable.Range(0, EntityKey.Buckets).Select(bucket => _database.HashLengthAsync(keys.Parked(bucket))));
        return counts.Sum();
    }

    public async Task<IReadOnlyList<(EntityKey Transaction, ParkedLabel Label)>> ParkedAsync(int bucket)
    {
        if (await _database.HashLengthAsync(keys.Parked(bucket)) == 0)
        {
            return [];
        }
        var entries = await _database.HashGetAllAsync(keys.Parked(bucket));
        return [.. from entry in entries
                   from label in ParkedLabel.ParseAll((byte[])entry.Value!)
                   select (KeyAt((byte[])entry.Name!), label)];
    }

    /// <summary>Finds the parked labels that are among the given ones: of the same transaction, time and fraud flag.</summary>
    public async Task<IReadOnlyList<(EntityKey Transaction, EntityKey Key, ParkedLabel Label)>> FindRepeatedAsync(
        IEnumerable<LabelRecord> labels)
    {
        var buckets = labels.GroupBy(label => label.Key.Bucket);
        var found = await Task.WhenAll(buckets.Select(bucket => FindRepeatedAsync(bucket.Key, [.. bucket])));
        return [.. found.SelectMany(label => label)];
    }

    private async Task<IEnumerable<(EntityKey Transaction, EntityKey Key, ParkedLabel Label)>> FindRepeatedAsync(
        int bucket, LabelRecord[] labels)
    {
        var wanted = labels.Select(label => label.Key).ToHashSet();
        EntityKey[] transactions = [.. labels.Select(label => keys.HashTransaction(label.Label.TransactionId)).Distinct()];
        var parked = await _database.HashGetAsync(
            keys.Parked(bucket), Array.ConvertAll(transactions, transaction => (RedisValue)Field(transaction)));
        return from entry in transactions.Zip(parked)
               where entry.Second.HasValue
               from label in ParkedLabel.ParseAll((byte[])entry.Second!)
               let key = LabelRecord.Parse(label, keys)?.Key
               where key is { } known && wanted.Contains(known)
               select (entry.First, key.Value, label);
    }

    private async Task<TransactionClaims> ClaimAsync(List<int> group, ILookup<int, TransactionRecord> buckets)
    {
        var (transactions, names, values) = (new List<TransactionRecord>(), new List<RedisKey>(), new List<RedisValue> { _horizonMs });
        foreach (var bucket in group)
        {
            names.Add(keys.Parked(bucket));
            values.Add(buckets[bucket].Count());
            foreach (var transaction in buckets[bucket])
            {
                transactions.Add(transaction);
                names.Add(keys.Transaction(transaction.Transaction));
                values.Add(Remembered(transaction));
                values.Add(Field(transaction.Transaction));
            }
        }
        var answers = (RedisResult[]?)await _database.ScriptEvaluateAsync(ClaimTransactions, [.. names], [.. values]) ?? [];
        var claims = new TransactionClaims([], []);
        for (var i = 0; i < answers.Length; i += 2)
        {
            var (transaction, labels) = (transactions[(int)answers[i]], (byte[]?)answers[i + 1]);
            if (labels is null or [])
            {
                claims.Duplicates.Add(transaction);
            }
            else
            {
                claims.Waiting.AddRange(ParkedLabel.ParseAll(labels).Select(label => (transaction, label)));
            }
        }
        return claims;
    }

    private async Task<IEnumerable<RecordPosition>> ClaimAsync(LabelRecord[] labels)
    {
        RedisValue[] values = [_horizonMs, .. labels.Select(label => (RedisValue)Origin(OriginLength, label.Position))];
        var names = Array.ConvertAll(labels, label => keys.Transaction(label.Key));
        var answers = await _database.ScriptEvaluateAsync(ClaimLabels, names, values);
        return ((int[]?)answers ?? []).Select(duplicate => labels[duplicate].Position);
    }

    private static byte[] Origin(int length, RecordPosition position)
    {
        var bytes = new byte[length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, position.Source);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), position.Offset);
        return bytes;
    }

    private static byte[] Remembered(TransactionRecord transaction)
    {
        // The record comes first, at a fixed length: by it alone the script tells a repeated claim from a duplicate.
        var (entities, previous) = (transaction.Entities, transaction.PreviousEntities);
        var time = new EntityKey((ulong)transaction.Payment.EventTimeMs, TimeMark);
        var bytes = Origin(OriginLength + (KeyLength * (entities.Length + previous.Length + 1)), transaction.Position);
        Write(bytes.AsSpan(OriginLength), [.. entities, .. previous, time]);
        return bytes;
    }

    private static void Write(Span<byte> destination, EntityKey[] entities)
    {
        foreach (var entity in entities)
        {
            Write(destination, entity);
            destination = destination[KeyLength..];
        }
    }

    private static void Write(Span<byte> destination, EntityKey key)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, key.High);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], key.Low);
    }

    private LabelPlace PlaceOf(byte[] remembered)
    {
        EntityKey[] stored = [.. remembered.Skip(OriginLength).Chunk(KeyLength).Select(KeyAt)];
        var count = keys.Catalogue.Entities.Count;
        return stored is [.. var entities, { Low: TimeMark } time]
            ? new LabelPlace(entities[..count], entities[count..], (long)time.High, false)
            : new LabelPlace(stored[..count], stored[count..], null, false);
    }

    private static EntityKey KeyAt(byte[] bytes) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8)));

    private static byte[] Field(EntityKey key)
    {
        var bytes = new byte[KeyLength];
        Write(bytes, key);
        return bytes;
    }
}

/// <summary>What was found for a label without tokens.</summary>
/// <param name="Entities">The entities of its transaction, in the order of the catalogue; empty if the transaction is unknown.</param>
/// <param name="PreviousEntities">
/// The same under the previous secret, if there was one when the transaction was claimed; else empty.
/// </param>
/// <param name="PaymentMs">When its transaction was made, milliseconds since the Unix epoch; null if that is not known.</param>
/// <param name="IsParked">True if it is parked; false with no entities means that there is no room.</param>
internal readonly record struct LabelPlace(EntityKey[] Entities, EntityKey[] PreviousEntities, long? PaymentMs, bool IsParked);

/// <summary>Result of claiming transactions. Those in neither list are new and have no parked labels.</summary>
/// <param name="Duplicates">Transactions that another record has claimed.</param>
/// <param name="Waiting">Transactions that parked labels wait for, once per label.</param>
internal sealed record TransactionClaims(
    List<TransactionRecord> Duplicates, List<(TransactionRecord Transaction, ParkedLabel Label)> Waiting);
