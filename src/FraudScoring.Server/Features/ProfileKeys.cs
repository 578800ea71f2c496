using System.Text;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>Names of profiles in Redis: prefix:layout:entity:hash, where the hash is keyed and stands for the entity's values.</summary>
internal sealed class ProfileKeys(FeatureCatalogue catalogue, EntityHasher hasher, string prefix)
{
    private readonly byte[][] _heads =
        [.. catalogue.Entities.Select(entity => Encoding.UTF8.GetBytes($"{prefix}:{catalogue.LayoutHash}:{entity.Name}:"))];

    /// <summary>The keyed hashes of a payment's entities, in the order of the catalogue.</summary>
    public void Of(Payment payment, Span<EntityKey> keys)
    {
        for (var e = 0; e < keys.Length; e++)
        {
            keys[e] = hasher.KeyOf(catalogue.Entities[e], payment);
        }
    }

    /// <summary>The keyed hash of a label's entity, or none.</summary>
    public EntityKey Of(int entity, Label label) => hasher.KeyOf(catalogue.Entities[entity], label);

    /// <summary>The key in Redis.</summary>
    public RedisKey Name(int entity, EntityKey key)
    {
        var head = _heads[entity];
        var name = new byte[head.Length + EntityKey.HexLength];
        head.CopyTo(name, 0);
        key.WriteHex(name.AsSpan(head.Length));
        return name;
    }
}
