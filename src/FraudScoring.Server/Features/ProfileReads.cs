using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>The buffers of one payment's read of profiles. Reused, so that a read allocates none of them.</summary>
internal sealed class ProfileReads(FeatureCatalogue catalogue)
{
    /// <summary>A read of nothing.</summary>
    public static readonly Task<RedisValue[]> NothingToRead = Task.FromResult<RedisValue[]>([]);

    /// <summary>A read of no score requests.</summary>
    public static readonly Task<RedisResult> NothingAttempted = Task.FromResult(RedisResult.Create(Array.Empty<RedisValue>()));

    /// <summary>The keyed hashes of the payment's entities.</summary>
    public EntityKey[] Keys { get; } = new EntityKey[catalogue.Entities.Count];

    /// <summary>What is known of the payment's entities: one of <see cref="OwnedProfiles"/> each, or null where nothing is.</summary>
    public EntityProfile?[] Profiles { get; } = new EntityProfile?[catalogue.Entities.Count];

    /// <summary>Profiles to read into, one per entity.</summary>
    internal EntityProfile[] OwnedProfiles { get; } = [.. catalogue.Entities.Select(plan => new EntityProfile(plan))];

    /// <summary>Number of entities of one read command.</summary>
    internal int EntitiesPerRead { get; set; } = 1;

    /// <summary>Reads under way, by the first entity they are for.</summary>
    internal Task<RedisValue[]>[] Reads { get; } = [.. catalogue.Entities.Select(_ => NothingToRead)];

    /// <summary>Reads of the newest score requests under way, by the first entity they are for.</summary>
    internal Task<RedisResult>[] Attempts { get; } = [.. catalogue.Entities.Select(_ => NothingAttempted)];

    /// <summary>The time and id under which this request counts among those of its entities; null for a request that does not count.</summary>
    internal (long TimeMs, ulong Id)? Attempt { get; set; }
}
