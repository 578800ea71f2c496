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
internal sealed class ProfileKeys(FeatureCatalogue catalogue, EntityHasher hasher, string prefix, Erasures erasures)
{
    private static readonly RedisKey AttemptsTail = ":attempts"u8.ToArray();

    // Entity names are letters, digits and underscores, so the double colon keeps the other keys apart from theirs.
    private readonly byte[][][] _entities = [.. catalogue.Entities.Select(entity => Heads(catalogue, prefix, $"{entity.Name}:"))];
    // Without the layout: instances with different catalogues share the answers while they are exchanged.
    private readonly byte[][] _answers =
        [.. Enumerable.Range(0, EntityKey.Buckets).Select(bucket => Encoding.UTF8.GetBytes($"{prefix}::answer:{{{bucket}}}:"))];
    private readonly byte[][] _transactions = Heads(catalogue, prefix, ":transaction:");
    private readonly RedisKey[] _markers = Array.ConvertAll(Heads(catalogue, prefix, ":marker"), head => (RedisKey)head);
    private readonly RedisKey[] _versions = Array.ConvertAll(Heads(catalogue, prefix, ":version"), head => (RedisKey)head);
    private readonly RedisKey[] _parked = Array.ConvertAll(Heads(catalogue, prefix, ":parked"), head => (RedisKey)head);

    /// <summary>The bucket of the keys that exist once per layout.</summary>
    public const int FreshnessBucket = 0;

    /// <summary>The field of a bucket's marker with the fingerprint of the secret that its keys are hashed with.</summary>
    public static readonly RedisValue SecretField = "secret";

    /// <summary>The field of a bucket's marker with the fingerprints of earlier secrets, a blank after each.</summary>
    public static readonly RedisValue FormerSecretsField = "former_secrets";

    /// <summary>
    /// The field of a bucket's marker with the time when its secret replaced a former one, in milliseconds since the Unix epoch.
    /// </summary>
    public static readonly RedisValue RotatedField = "rotated_ms";

    public FeatureCatalogue Catalogue => catalogue;

    /// <summary>How far back any entity's features look at payments or labels, in milliseconds.</summary>
    public long LongestRetentionMs { get; } = catalogue.Entities.Max(plan => Math.Max(plan.RetentionMs, plan.LabelRetentionMs));

    /// <summary>The keys under the previous secret, while that is still read; else null.</summary>
    public ProfileKeys? Previous { get; init; }

    /// <summary>Completes once the erasures are known; no record may be applied before.</summary>
    public Task ErasuresKnown => erasures.Known;

    /// <summary>The fingerprint of the secret.</summary>
    public string Fingerprint => hasher.Fingerprint;

    /// <summary>The key of the history: a hash of what is missing, by partition.</summary>
    public RedisKey History { get; } = Heads(catalogue, prefix, ":history")[FreshnessBucket];

    /// <summary>The key of the freshness: a hash from partition to the time until which its records are applied.</summary>
    public RedisKey Freshness { get; } = Heads(catalogue, prefix, ":freshness")[FreshnessBucket];

    /// <summary>A secret number for hashes of a request's fields, the same on all instances.</summary>
    // No transaction id contains a line break.
    public ulong ContentSeed { get; } = hasher.KeyOfTransaction("\ncontents").Low;

    /// <summary>Writes the keyed hashes of a payment's entities, in the order of the catalogue.</summary>
    public void HashEntities(Payment payment, Span<EntityKey> keys)
    {
        for (var e = 0; e < keys.Length; e++)
        {
            keys[e] = hasher.KeyOf(catalogue.Entities[e], payment);
        }
    }

    /// <summary>
    /// Writes the keyed hashes of the entities whose history a payment is part of: none for one that was erased after the payment.
    /// </summary>
    public void HashHistory(Payment payment, Span<EntityKey> keys)
    {
        HashEntities(payment, keys);
        for (var e = 0; !erasures.IsEmpty && e < keys.Length; e++)
        {
            var field = catalogue.Entities[e].Fields[0];
            if (field.TextOf(payment) is { } token && !keys[e].IsNone && ErasedUntil(field, token) is var untilMs and > long.MinValue)
            {
                // The instance that erased the token may not have known this kind of entity.
                erasures.Add([keys[e].High], untilMs);
                keys[e] = payment.EventTimeMs <= untilMs ? EntityKey.None : keys[e];
            }
        }
    }

    /// <summary>
    /// Until when an entity's history was erased, in milliseconds since the Unix epoch; <see cref="long.MinValue"/> if it never was. Its
    /// stored profile may still hold what is older: Redis came back with a snapshot from before the erasure, or the instance that erased
    /// did not know the catalogue.
    /// </summary>
    /// <param name="key">The entity's hash. Its first half is that of the token that the entity begins with.</param>
    /// <param name="previous">Its hash under the previous secret; none if there is none.</param>
    public long ErasedUntil(EntityKey key, EntityKey previous) => erasures.IsEmpty ? long.MinValue
        : previous.IsNone ? erasures.UntilOf(key.High)
        : Math.Max(erasures.UntilOf(key.High), erasures.UntilOf(previous.High));

    /// <summary>
    /// The keyed hash of an entity whose history a label is part of; none if it lacks the entity's tokens, or if the entity was erased
    /// after the labelled payment.
    /// </summary>
    public EntityKey HashHistory(int entity, Label label)
    {
        var field = catalogue.Entities[entity].Fields[0];
        return !erasures.IsEmpty && field.TextOf(label) is { } token
            && IsErased(field, token, label.EventTimeMs) ? EntityKey.None : HashEntity(entity, label);
    }

    /// <summary>A label with the tokens of its payment, without those that were erased after the payment.</summary>
    public Label AddTokens(Label label, Payment payment)
    {
        return new Label
        {
            TransactionId = label.TransactionId, LabelTimeMs = label.LabelTimeMs, EventTimeMs = label.EventTimeMs, Fraud = label.Fraud,
            Source = label.Source, Card = Kept("card"), Account = Kept("account"), Device = Kept("device"), IpAddress = Kept("ip_address"),
            Merchant = Kept("merchant"),
        };

        string? Kept(string name) => PaymentField.TryParse(name, out var field) && field.TextOf(payment) is { } token
            && !IsErased(field, token, payment.EventTimeMs) ? token : null;
    }

    /// <summary>The hash of an entity that a label without tokens applies to; none if the entity was erased after the payment.</summary>
    /// <param name="key">The entity's hash.</param>
    /// <param name="previous">Its hash under the previous secret; none if there is none.</param>
    /// <param name="label">The label.</param>
    public EntityKey HashHistory(EntityKey key, EntityKey previous, Label label) =>
        label.EventTimeMs <= ErasedUntil(key, previous) ? EntityKey.None : key;

    /// <summary>
    /// The hashes by which erased tokens of a field are found: of the token alone, for entities of later catalogues, too, and of each kind
    /// of entity that it begins, for labels without tokens.
    /// </summary>
    public IEnumerable<ulong> HashErased(PaymentField field, EntityTokens tokens) =>
    [
        hasher.HashOfToken(field, field.TextOf(tokens)!),
        .. catalogue.Entities.Where(entity => entity.Fields[0] == field).Select(entity => HashFirstField(entity.Index, tokens).High),
    ];

    /// <summary>The keyed hash of a payment's entity; none if the payment lacks one of its fields.</summary>
    public EntityKey HashEntity(int entity, Payment payment) => hasher.KeyOf(catalogue.Entities[entity], payment);

    /// <summary>The keyed hash of an entity; none if its tokens are missing.</summary>
    public EntityKey HashEntity(int entity, EntityTokens tokens) => hasher.KeyOf(catalogue.Entities[entity], tokens);

    /// <summary>Clears the cache of hashed texts, so that erased tokens do not stay in memory.</summary>
    public void Forget()
    {
        hasher.Forget();
        Previous?.Forget();
    }

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

    /// <summary>The key of the log of score requests of a profile's entity.</summary>
    // Shares the profile's bytes.
    public static RedisKey AttemptsOf(RedisKey profile) => profile.Append(AttemptsTail);

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

    /// <summary>The key of the answer to a transaction's score request.</summary>
    public RedisKey Answer(EntityKey transaction) => Join(_answers[transaction.Bucket], transaction, default);

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

    // An erasure before the rotation of the secret has hashes of the previous one.
    private long ErasedUntil(PaymentField field, string token) => Math.Max(
        erasures.UntilOf(hasher.HashOfToken(field, token)), Previous?.ErasedUntil(field, token) ?? long.MinValue);

    private bool IsErased(PaymentField field, string token, long eventTimeMs) => eventTimeMs <= ErasedUntil(field, token);

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
