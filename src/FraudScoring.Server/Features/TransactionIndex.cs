using System.Buffers.Binary;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Streams;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>
/// What Redis remembers of each transaction for a while: which record of the log it came with, so that a record published again at another
/// offset does not count again, and its entities, so that a label need not name them. A label that comes before its transaction is parked.
/// </summary>
internal sealed class TransactionIndex(RedisConnections redis, ProfileKeys keys, FeatureCatalogue catalogue, RedisOptions options, KafkaOptions kafka)
{
    // KEYS: for each bucket its parked labels, then its transactions. ARGV: time to live, and for each bucket the number of its
    // transactions, and for each of those what is to be remembered and its keyed hash. Gives, for those that need it, the position among all transactions and
    // nothing (another record has it) or the label that was parked.
    private const string ClaimBuckets = """
        local answers, key, arg, position = {}, 1, 2, 0
        while key <= #KEYS do
          local waiting, count = redis.call('HLEN', KEYS[key]) > 0, tonumber(ARGV[arg])
          for k = 1, count do
            local own, held = ARGV[arg + 2 * k - 1], false
            if not redis.call('SET', KEYS[key + k], own, 'NX', 'PX', ARGV[1]) then held = redis.call('GET', KEYS[key + k]) end
            if held and string.sub(held, 1, 12) ~= string.sub(own, 1, 12) then
              answers[#answers + 1] = position
              answers[#answers + 1] = ''
            elseif waiting then
              local label = redis.call('HGET', KEYS[key], ARGV[arg + 2 * k])
              if label then
                answers[#answers + 1] = position
                answers[#answers + 1] = label
              end
            end
            position = position + 1
          end
          key, arg = key + count + 1, arg + 2 * count + 1
        end
        return answers
        """;

    // KEYS: parked labels, the transaction, the mark of a label that was parked, the label. ARGV: the transaction's keyed hash, the label, most
    // labels to park, the record the label came with. Gives what is remembered of the transaction; 1 when the label is or was parked, 0
    // when there is no room. A record that was parked once is never applied itself, however often it is read: the one that follows it with
    // tokens is. That must not be taken for a repetition of the parked one, or neither would be: so first it is forgotten that the label
    // came with this record, as is remembered if a batch claimed it that Redis did not take, having lost data, the transaction among them.
    private const string FindOrPark = """
        if redis.call('GET', KEYS[4]) == ARGV[4] then redis.call('DEL', KEYS[4]) end
        if redis.call('EXISTS', KEYS[3]) == 1 then return 1 end
        local parked = redis.call('HGET', KEYS[1], ARGV[1])
        if parked and string.sub(parked, 1, 8) == string.sub(ARGV[2], 1, 8) and string.sub(parked, 17, 28) == string.sub(ARGV[2], 17, 28) then
          return 1
        end
        local held = redis.call('GET', KEYS[2])
        if held then return held end
        if not parked and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
        if not parked or parked < ARGV[2] then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
        return 1
        """;

    // KEYS: parked labels, the mark. ARGV: the transaction's keyed hash, the label, time to live of the mark. Another label may have been
    // parked in its place.
    private const string Unpark = """
        redis.call('SET', KEYS[2], '1', 'PX', ARGV[3])
        if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end
        return 0
        """;

    // KEYS: labels. ARGV: time to live; for each label the record it came with. Gives the positions of those another record has.
    private const string ClaimLabels = """
        local answers = {}
        for k = 1, #KEYS do
          local held = redis.call('GET', KEYS[k])
          if not held then redis.call('SET', KEYS[k], ARGV[k + 1], 'PX', ARGV[1])
          elseif held ~= ARGV[k + 1] then answers[#answers + 1] = k - 1 end
        end
        return answers
        """;

    private const int OriginLength = 12, KeyLength = 16;

    private readonly IDatabase _database = redis.Writing.GetDatabase();
    private readonly RedisValue _horizonMs = options.TransactionHorizonMinutes * 60_000L;
    private readonly RedisValue _mostParked = Math.Max(1, kafka.MaxParkedLabels / EntityKey.Buckets);

    /// <summary>Remembers transactions, and finds out which were there with another record, and which have a label waiting.</summary>
    public async Task<bool> ClaimAsync(IReadOnlyList<ReadPayment> payments)
    {
        var buckets = payments.ToLookup(payment => payment.Transaction.Bucket);
        var groups = BucketGroups.Of(buckets.Select(bucket => bucket.Key), bucket => buckets[bucket].Count(), redis.IsCluster);
        await Task.WhenAll(groups.Select(group => ClaimAsync(group, buckets)));
        return true;
    }

    /// <summary>Remembers labels that have their place, and finds out which came before with another record.</summary>
    public async Task<bool> ClaimAsync(IReadOnlyList<ReadLabel> labels)
    {
        await Task.WhenAll(labels.Where(label => label.HasPlace).GroupBy(label => label.Key.Bucket).Select(bucket => ClaimAsync([.. bucket])));
        return true;
    }

    /// <summary>Finds the entities of a label's transaction, or parks the label until the transaction comes.</summary>
    /// <param name="label">The label.</param>
    /// <param name="nowMs">Now, milliseconds since the Unix epoch.</param>
    public async Task<LabelPlace> FindOrParkAsync(ReadLabel label, long nowMs)
    {
        var (transaction, record) = (keys.OfTransaction(label.Label.TransactionId), label.Record);
        var parked = new ParkedLabel(label.Label.LabelTimeMs, nowMs, record.Partition.Value, record.Offset.Value, record.Message.Value);
        RedisKey[] names = [keys.Parked(transaction.Bucket), keys.Transaction(transaction), keys.Mark(transaction, label.Key), keys.Transaction(label.Key)];
        var answer = await _database.ScriptEvaluateAsync(FindOrPark, names, [Field(transaction), parked.ToBytes(), _mostParked, OriginOf(label)]);
        return answer.Resp2Type == ResultType.Integer
            ? new LabelPlace([], (int)answer == 1)
            : new LabelPlace(EntitiesOf((byte[])answer!), false);
    }

    /// <summary>Takes a label away that was parked, unless another one has taken its place, and remembers that it was.</summary>
    public Task<RedisResult> UnparkAsync(EntityKey transaction, EntityKey key, ParkedLabel label) => _database.ScriptEvaluateAsync(
        Unpark, [keys.Parked(transaction.Bucket), keys.Mark(transaction, key)], [Field(transaction), label.ToBytes(), _horizonMs]);

    /// <summary>All parked labels of a bucket.</summary>
    public async Task<IReadOnlyList<(EntityKey Transaction, ParkedLabel Label)>> ParkedAsync(int bucket)
    {
        if (await _database.HashLengthAsync(keys.Parked(bucket)) == 0)
        {
            return [];
        }
        var entries = await _database.HashGetAllAsync(keys.Parked(bucket));
        return Array.ConvertAll(entries, entry => (KeyAt((byte[])entry.Name!), ParkedLabel.Of((byte[])entry.Value!)));
    }

    private async Task ClaimAsync(List<int> group, ILookup<int, ReadPayment> buckets)
    {
        var (payments, names, values) = (new List<ReadPayment>(), new List<RedisKey>(), new List<RedisValue> { _horizonMs });
        foreach (var bucket in group)
        {
            names.Add(keys.Parked(bucket));
            values.Add(buckets[bucket].Count());
            foreach (var payment in buckets[bucket])
            {
                payments.Add(payment);
                names.Add(keys.Transaction(payment.Transaction));
                values.Add(Remembered(payment));
                values.Add(Field(payment.Transaction));
            }
        }
        var answers = (RedisResult[]?)await _database.ScriptEvaluateAsync(ClaimBuckets, [.. names], [.. values]) ?? [];
        for (var i = 0; i < answers.Length; i += 2)
        {
            var (payment, label) = (payments[(int)answers[i]], (byte[]?)answers[i + 1]);
            payment.IsDuplicate = label is null or [];
            payment.Parked = label is null or [] ? null : ParkedLabel.Of(label);
        }
    }

    private async Task ClaimAsync(ReadLabel[] labels)
    {
        RedisValue[] values = [_horizonMs, .. labels.Select(OriginOf)];
        var answers = await _database.ScriptEvaluateAsync(ClaimLabels, Array.ConvertAll(labels, label => keys.Transaction(label.Key)), values);
        foreach (var duplicate in (int[]?)answers ?? [])
        {
            labels[duplicate].IsDuplicate = true;
        }
    }

    private static RedisValue OriginOf(ReadLabel label) => Origin(OriginLength, label.Source, label.Record.Offset.Value);

    private static byte[] Origin(int length, int source, long offset)
    {
        var bytes = new byte[length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, source);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), offset);
        return bytes;
    }

    private byte[] Remembered(ReadPayment payment)
    {
        var bytes = Origin(OriginLength + (KeyLength * catalogue.Entities.Count), payment.Source, payment.Offset);
        for (var e = 0; e < payment.Entities.Length; e++)
        {
            var at = bytes.AsSpan(OriginLength + (KeyLength * e));
            BinaryPrimitives.WriteUInt64LittleEndian(at, payment.Entities[e].High);
            BinaryPrimitives.WriteUInt64LittleEndian(at[8..], payment.Entities[e].Low);
        }
        return bytes;
    }

    private static EntityKey[] EntitiesOf(byte[] remembered) =>
        [.. remembered.Skip(OriginLength).Chunk(KeyLength).Select(KeyAt)];

    private static EntityKey KeyAt(byte[] bytes) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8)));

    private static byte[] Field(EntityKey key)
    {
        var bytes = new byte[KeyLength];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, key.High);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), key.Low);
        return bytes;
    }
}

/// <summary>Where a label without tokens belongs.</summary>
/// <param name="Entities">The entities of its transaction, in the order of the catalogue; empty when the transaction is not known.</param>
/// <param name="IsParked">It waits for its transaction.</param>
internal readonly record struct LabelPlace(EntityKey[] Entities, bool IsParked);
