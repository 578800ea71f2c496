using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Profiles;

/// <summary>The keyed hash of an entity's values: what stands in Redis keys instead of tokens and addresses.</summary>
/// <param name="High">Over the kind of entity and its first field: all pairs of one card share it, so they can be found by it.</param>
/// <param name="Low">Over all of its fields.</param>
public readonly record struct EntityKey(ulong High, ulong Low)
{
    /// <summary>How many buckets keys are spread over.</summary>
    public const int Buckets = 64;

    /// <summary>The bucket of the key: what is in one bucket can be read and written as one.</summary>
    public int Bucket => (int)(High % Buckets);

    /// <summary>No entity: the payment lacks one of its fields.</summary>
    public static readonly EntityKey None;

    /// <summary>True for <see cref="None"/>.</summary>
    public bool IsNone => (High | Low) == 0;

    /// <summary>Length of <see cref="WriteHex"/> in bytes.</summary>
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
/// Makes entity keys of HMAC-SHA256. An entity of one field: the first 128 bits over its name and value. One of several: 64 bits over the
/// name and the first value, then 64 over the name and all of them.
/// </summary>
/// <remarks>Without the secret, a token cannot be confirmed from the keys of a stolen store. Safe to use from many threads.</remarks>
public sealed class EntityHasher
{
    // With the secret taken in already a hash takes half the time. As many are made as are used at once.
    private readonly ConcurrentBag<IncrementalHash> _idle = [];
    private readonly byte[] _secret;

    // Payments name the same merchants and devices over and over. Each slot holds the last key that fell into it; an entry never changes,
    // so the worst that many threads can do is to hash a text twice.
    private readonly CachedKey?[] _cached = new CachedKey?[CacheSlots];

    /// <param name="secret">At least 16 bytes. All instances that share a store must have the same.</param>
    /// <exception cref="ArgumentException">The secret is too short.</exception>
    public EntityHasher(ReadOnlySpan<byte> secret)
    {
        if (secret.Length < 16)
        {
            throw new ArgumentException("The entity hash secret must have at least 16 bytes.", nameof(secret));
        }
        _secret = secret.ToArray();
    }

    /// <summary>The key of a payment's entity, or <see cref="EntityKey.None"/> when the payment lacks one of the entity's fields.</summary>
    public EntityKey KeyOf(EntityPlan entity, Payment payment) => KeyOf(entity, payment, static (field, source) => field.TextOf(source));

    /// <summary>
    /// The key of an entity by its tokens, or <see cref="EntityKey.None"/> when one of the entity's fields is not among them.
    /// </summary>
    public EntityKey KeyOf(EntityPlan entity, EntityTokens tokens) => KeyOf(entity, tokens, static (field, source) => field.TextOf(source));

    private EntityKey KeyOf<T>(EntityPlan entity, T source, Func<PaymentField, T, string?> textOf)
    {
        Span<byte> message = stackalloc byte[MaxMessage];
        var length = Append(message, 0, entity.Name);
        var first = default(EntityKey);
        // By index: the list's enumerator would be an object per key.
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

    /// <summary>A key that shares its first half with those of all entities of this kind that have the same first field.</summary>
    public EntityKey KeyOfFirst(EntityPlan entity, EntityTokens tokens)
    {
        Span<byte> message = stackalloc byte[MaxMessage];
        var text = entity.Fields[0].TextOf(tokens) ?? throw new ArgumentException($"The tokens include no {entity.Fields[0].Name}.", nameof(tokens));
        return Hash(message[..Append(message, Append(message, 0, entity.Name), text)]);
    }

    /// <summary>The key of a transaction, by its id.</summary>
    public EntityKey KeyOfTransaction(string transactionId)
    {
        Span<byte> message = stackalloc byte[MaxMessage];
        return Hash(message[..Append(message, Append(message, 0, "transaction id"), transactionId)]);
    }

    /// <summary>Forgets the texts whose keys were kept: one of them was erased.</summary>
    public void Forget() => Array.Clear(_cached);

    // A few megabytes when full.
    private const int CacheSlots = 1 << 15;

    // An entity has at most four fields; a text has at most 256 characters, three bytes each in UTF-8.
    private const int MaxMessage = 4 * 1024;

    /// <summary>Each part stands behind its length, so that ("ab","c") and ("a","bc") differ.</summary>
    private static int Append(Span<byte> message, int offset, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, message[(offset + 2)..]);
        BinaryPrimitives.WriteUInt16LittleEndian(message[offset..], (ushort)length);
        return offset + 2 + length;
    }

    private EntityKey HashOnce(string entity, string text, ReadOnlySpan<byte> message)
    {
        ref var slot = ref _cached[HashCode.Combine(entity, text) & (CacheSlots - 1)];
        if (slot is { } cached && cached.Text == text && cached.Entity == entity)
        {
            return cached.Key;
        }
        var key = Hash(message);
        slot = new CachedKey(entity, text, key);
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
