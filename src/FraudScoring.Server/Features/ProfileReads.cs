using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>The reused buffers of one payment's read of profiles.</summary>
internal sealed class ProfileReads(FeatureCatalogue catalogue)
{
    public static readonly Task<RedisValue[]> NothingToRead = Task.FromResult<RedisValue[]>([]);

    public static readonly Task<RedisResult> NothingAttempted = Task.FromResult(RedisResult.Create(Array.Empty<RedisValue>()));

    /// <summary>Keyed hashes of the payment's entities, in the order of the catalogue.</summary>
    public EntityKey[] Keys { get; } = new EntityKey[catalogue.Entities.Count];

    /// <summary>The profile of each entity, one of <see cref="OwnedProfiles"/>; null if it could not be read.</summary>
    public EntityProfile?[] Profiles { get; } = new EntityProfile?[catalogue.Entities.Count];

    internal EntityProfile[] OwnedProfiles { get; } = [.. catalogue.Entities.Select(plan => new EntityProfile(plan))];

    /// <summary>Number of entities of one read command.</summary>
    internal int EntitiesPerRead { get; set; } = 1;

    /// <summary>Pending reads of profiles, indexed by the first entity of each command.</summary>
    internal Task<RedisValue[]>[] Reads { get; } = [.. catalogue.Entities.Select(_ => NothingToRead)];

    /// <summary>Pending reads of the newest score requests, indexed by the first entity of each command.</summary>
    internal Task<RedisResult>[] Attempts { get; } = [.. catalogue.Entities.Select(_ => NothingAttempted)];

    /// <summary>Time and id under which this score request is recorded for its entities; null if it is not recorded.</summary>
    internal (long TimeMs, ulong Id)? Attempt { get; set; }
}
