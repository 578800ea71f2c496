using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Profiles;

/// <summary>The keyed hash of an entity's values, which replaces tokens and addresses in Redis keys.</summary>
/// <param name="High">
/// Hash of the kind of entity and its first field. All pairs of one card share it, so that they can be found and erased.
/// </param>
/// <param name="Low">Hash of the kind of entity and all of its fields.</param>
public readonly record struct EntityKey(ulong High, ulong Low)
{
    /// <summary>Number of buckets that keys are spread over.</summary>
    public const int Buckets = 64;

    /// <summary>The bucket of the key. Keys of one bucket can be read and written atomically.</summary>
    public int Bucket => (int)(High % Buckets);

    /// <summary>No entity: the payment lacks one of its fields.</summary>
    public static readonly EntityKey None;

    /// <summary>True if this is <see cref="None"/>.</summary>
    public bool IsNone => (High | Low) == 0;

    /// <summary>Number of bytes that <see cref="WriteHex"/> writes.</summary>
    public const int HexLength = 32;

    /// <summary>Writes 32 hexadecimal digits.</summary>
    public void WriteHex(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
        Convert.TryToHexStringLower(bytes, destination, out _);
    }
}

/// <summary>
/// Creates entity keys with HMAC-SHA256. The key of an entity with one field is the first 128 bits over its name and value. With several
/// fields, it is 64 bits over the name and the first value, then 64 bits over the name and all values.
/// </summary>
/// <remarks>
/// A plain hash of a token could be confirmed by hashing candidates; without the secret, the keys of a stolen store reveal no token. Safe
/// to use from several threads.
/// </remarks>
public sealed class EntityHasher
{
    // An instance that has already processed the secret hashes in half the time. The bag grows to the number of concurrent callers.
    private readonly ConcurrentBag<IncrementalHash> _idle = [];
    private readonly byte[] _secret;

    private static ReadOnlySpan<byte> FingerprintText => "fingerprint of the entity hash secret"u8;

    // Payments repeat the same merchants and devices. The cache is direct-mapped: each entry holds the last key that mapped to it. Entries
    // are immutable and replaced whole, so no lock is needed: at worst, concurrent callers hash a text twice.
    private readonly CachedKey?[] _cached = new CachedKey?[CacheEntries];

    /// <param name="secret">At least 16 bytes. All instances that share a store must use the same secret.</param>
    /// <exception cref="ArgumentException">The secret is shorter than 16 bytes.</exception>
    public EntityHasher(ReadOnlySpan<byte> secret)
    {
        if (secret.Length < 16)
        {
            throw new ArgumentException("The entity hash secret must have at least 16 bytes.", nameof(secret));
        }
        _secret = secret.ToArray();
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret, FingerprintText, hash);
        Fingerprint = Convert.ToHexStringLower(hash[..8]);
    }

    /// <summary>
    /// 16 hexadecimal digits that tell this secret from others and reveal nothing of it: the beginning of the HMAC of a fixed text.
    /// </summary>
    public string Fingerprint { get; }

    /// <summary>The key of a payment's entity; <see cref="EntityKey.None"/> if the payment lacks one of the entity's fields.</summary>
    public EntityKey KeyOf(EntityPlan entity, Payment payment) => KeyOf(entity, payment, static (field, source) => field.TextOf(source));

    /// <summary>
    /// The key of an entity by its tokens; <see cref="EntityKey.None"/> if one of the entity's fields is not among them.
    /// </summary>
    public EntityKey KeyOf(EntityPlan entity, EntityTokens tokens) => KeyOf(entity, tokens, static (field, source) => field.TextOf(source));

    private EntityKey KeyOf<T>(EntityPlan entity, T source, Func<PaymentField, T, string?> textOf)
    {
        Span<byte> message = stackalloc byte[MaxMessage];
        var length = Append(message, 0, entity.Name);
        var first = default(EntityKey);
        // A for loop, because foreach over IReadOnlyList would allocate an enumerator per key.
        for (var f = 0; f < entity.Fields.Count; f++)
        {
            var text = textOf(entity.Fields[f], source);
            if (text is null)
            {
                return EntityKey.None;
            }
            length = Append(message, length, text);
            first = f == 0 ? HashOnce(entity.Name, text, message[..length]) : first;
        }
        return entity.Fields.Count == 1 ? first : new EntityKey(first.High, Hash(message[..length]).High);
    }

    /// <summary>A key with the first half of the keys of all entities of this kind that have the same first field.</summary>
    public EntityKey KeyOfFirst(EntityPlan entity, EntityTokens tokens)
    {
        Span<byte> message = stackalloc byte[MaxMessage];
        var text = entity.Fields[0].TextOf(tokens)
            ?? throw new ArgumentException($"The tokens include no {entity.Fields[0].Name}.", nameof(tokens));
        return Hash(message[..Append(message, Append(message, 0, entity.Name), text)]);
    }

    /// <summary>The keyed hash of a token in a field, which does not depend on the entities of a catalogue.</summary>
    public ulong HashOfToken(PaymentField field, string token)
    {
        Span<byte> message = stackalloc byte[MaxMessage];
        // No entity has a name with a blank.
        var length = Append(message, Append(message, 0, "token of"), field.Name);
        return Hash(message[..Append(message, length, token)]).High;
    }

    /// <summary>The key of a transaction.</summary>
    public EntityKey KeyOfTransaction(string transactionId)
    {
        Span<byte> message = stackalloc byte[MaxMessage];
        return Hash(message[..Append(message, Append(message, 0, "transaction id"), transactionId)]);
    }

    /// <summary>Clears the cache, which holds texts in plain form. Called after an entity was erased.</summary>
    public void Forget() => Array.Clear(_cached);

    // A few megabytes when full.
    private const int CacheEntries = 1 << 15;

    // An entity has at most four fields; a text has at most 256 characters, three bytes each in UTF-8.
    private const int MaxMessage = 4 * 1024;

    /// <summary>Writes the length in front of each part, so that ("ab", "c") and ("a", "bc") differ.</summary>
    private static int Append(Span<byte> message, int offset, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, message[(offset + 2)..]);
        BinaryPrimitives.WriteUInt16LittleEndian(message[offset..], (ushort)length);
        return offset + 2 + length;
    }

    private EntityKey HashOnce(string entity, string text, ReadOnlySpan<byte> message)
    {
        ref var entry = ref _cached[HashCode.Combine(entity, text) & (CacheEntries - 1)];
        if (entry is { } cached && cached.Text == text && cached.Entity == entity)
        {
            return cached.Key;
        }
        var key = Hash(message);
        entry = new CachedKey(entity, text, key);
        return key;
    }

    private EntityKey Hash(ReadOnlySpan<byte> message)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var mac = _idle.TryTake(out var idle) ? idle : IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _secret);
        mac.AppendData(message);
        mac.GetHashAndReset(hash);
        _idle.Add(mac);
        return new EntityKey(BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[8..]));
    }

    private sealed record CachedKey(string Entity, string Text, EntityKey Key);
}
