using System.Globalization;
using System.Text;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>
/// Names of the Redis keys: prefix:layout:{bucket}:entity:hash. The hash is keyed and stands for the entity's tokens. The bucket is a hash
/// tag: on a cluster all keys of a bucket are on one node, so one script can read and write them.
/// </summary>
internal sealed class ProfileKeys(FeatureCatalogue catalogue, EntityHasher hasher, string prefix)
{
    // Entity names are letters, digits and underscores, so the double colon keeps the other keys apart from theirs.
    private readonly byte[][][] _entities = [.. catalogue.Entities.Select(entity => Heads(catalogue, prefix, $"{entity.Name}:"))];
    private readonly byte[][] _transactions = Heads(catalogue, prefix, ":transaction:");
    private readonly RedisKey[] _markers = Array.ConvertAll(Heads(catalogue, prefix, ":marker"), head => (RedisKey)head);
    private readonly RedisKey[] _versions = Array.ConvertAll(Heads(catalogue, prefix, ":version"), head => (RedisKey)head);
    private readonly RedisKey[] _parked = Array.ConvertAll(Heads(catalogue, prefix, ":parked"), head => (RedisKey)head);

    public FeatureCatalogue Catalogue => catalogue;

    /// <summary>Writes the keyed hashes of a payment's entities, in the order of the catalogue.</summary>
    public void HashEntities(Payment payment, Span<EntityKey> keys)
    {
        for (var e = 0; e < keys.Length; e++)
        {
            keys[e] = hasher.KeyOf(catalogue.Entities[e], payment);
        }
    }

    /// <summary>The keyed hash of an entity; none if its tokens are missing.</summary>
    public EntityKey HashEntity(int entity, EntityTokens tokens) => hasher.KeyOf(catalogue.Entities[entity], tokens);

    /// <summary>Clears the cache of hashed texts, so that erased tokens do not stay in memory.</summary>
    public void Forget() => hasher.Forget();

    public EntityKey HashTransaction(string transactionId) => hasher.KeyOfTransaction(transactionId);

    /// <summary>
    /// The keyed hash of a label: labels of the same transaction, time and fraud flag are the same label. Its first half is that of the
    /// transaction's hash, so both are in the same bucket.
    /// </summary>
    public EntityKey HashLabel(Label label) => HashTransaction(label.TransactionId) with
    {
        Low = hasher.KeyOfTransaction(
            string.Create(CultureInfo.InvariantCulture, $"{label.TransactionId}\n{label.LabelTimeMs}\n{label.Fraud}")).Low,
    };

    /// <summary>The key of an entity's profile.</summary>
    public RedisKey Name(int entity, EntityKey key) => Join(_entities[entity][key.Bucket], key, default);

    /// <summary>The key of an entity's newest score requests.</summary>
    public RedisKey Attempts(int entity, EntityKey key) => Join(_entities[entity][key.Bucket], key, ":attempts"u8);

    /// <summary>The key of the newest score requests of a profile's entity.</summary>
    public static RedisKey AttemptsOf(RedisKey profile) => profile.Append(":attempts");

    /// <summary>The key whose first half all entities with the same first field share.</summary>
    public EntityKey HashFirstField(int entity, EntityTokens tokens) => hasher.KeyOfFirst(catalogue.Entities[entity], tokens);

    /// <summary>Glob pattern that matches the profiles of all entities with the same first field.</summary>
    public RedisValue PatternOfFirstField(int entity, EntityKey first)
    {
        var name = (string)Name(entity, first)!;
        return string.Concat(name.AsSpan(0, name.Length - (EntityKey.HexLength / 2)), new string('?', EntityKey.HexLength / 2));
    }

    public static int BucketOf(RedisKey key)
    {
        var name = (string)key!;
        return int.Parse(
            name.AsSpan()[(name.IndexOf('{', StringComparison.Ordinal) + 1)..name.IndexOf('}', StringComparison.Ordinal)],
            CultureInfo.InvariantCulture);
    }

    /// <summary>The key of a transaction's claim.</summary>
    public RedisKey Transaction(EntityKey key) => Join(_transactions[key.Bucket], key, default);

    /// <summary>The key that marks a label as one that was parked and published.</summary>
    public RedisKey Mark(EntityKey transaction, EntityKey label)
    {
        var hex = new byte[EntityKey.HexLength];
        label.WriteHex(hex);
        return Join(_transactions[transaction.Bucket], transaction, [(byte)':', .. hex]);
    }

    /// <summary>The key of a bucket's marker: a hash from partition to the offset before which the bucket has every record.</summary>
    public RedisKey Marker(int bucket) => _markers[bucket];

    /// <summary>The key of a bucket's version: random, and changed by every write of a profile in the bucket.</summary>
    public RedisKey Version(int bucket) => _versions[bucket];

    /// <summary>The key of a bucket's parked labels: a hash from the transaction's keyed hash to the label.</summary>
    public RedisKey Parked(int bucket) => _parked[bucket];

    private static byte[][] Heads(FeatureCatalogue catalogue, string prefix, string tail) =>
        [.. Enumerable.Range(0, EntityKey.Buckets)
            .Select(bucket => Encoding.UTF8.GetBytes($"{prefix}:{catalogue.LayoutHash}:{{{bucket}}}:{tail}"))];

    private static RedisKey Join(byte[] head, EntityKey key, ReadOnlySpan<byte> tail)
    {
        var name = new byte[head.Length + EntityKey.HexLength + tail.Length];
        head.CopyTo(name, 0);
        key.WriteHex(name.AsSpan(head.Length));
        tail.CopyTo(name.AsSpan(head.Length + EntityKey.HexLength));
        return name;
    }
}
