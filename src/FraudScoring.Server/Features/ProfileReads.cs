using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Resilience;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>The reused buffers of one payment's read of profiles.</summary>
internal sealed class ProfileReads(FeatureCatalogue catalogue)
{
    public static readonly Task<RedisValue[]> NothingToRead = Task.FromResult<RedisValue[]>([]);

    /// <summary>A read that was not sent, because Redis answered none before.</summary>
    public static readonly Task<RedisValue[]> Skipped = Task.FromCanceled<RedisValue[]>(new CancellationToken(canceled: true));

    /// <summary>Keyed hashes of the payment's entities, in the order of the catalogue.</summary>
    public EntityKey[] Keys { get; } = new EntityKey[catalogue.Entities.Count];

    /// <summary>Their hashes under the previous secret, while that is still read.</summary>
    public EntityKey[] PreviousKeys { get; } = new EntityKey[catalogue.Entities.Count];

    /// <summary>The profile of each entity, one of <see cref="OwnedProfiles"/>; null if it could not be read.</summary>
    public EntityProfile?[] Profiles { get; } = new EntityProfile?[catalogue.Entities.Count];

    /// <summary>For each entity, true if the payment has it, and its profile or its score requests could not be read.</summary>
    public bool[] AreMissing { get; } = new bool[catalogue.Entities.Count];

    internal EntityProfile[] OwnedProfiles { get; } = [.. catalogue.Entities.Select(plan => new EntityProfile(plan))];

    /// <summary>Number of entities of one read command.</summary>
    internal int EntitiesPerRead { get; set; } = 1;

    /// <summary>Pending reads of profiles and score requests, indexed by the first entity of each command.</summary>
    internal Task<RedisValue[]>[] Reads { get; } = [.. catalogue.Entities.Select(_ => NothingToRead)];

    /// <summary>Time and id under which this score request is recorded for its entities; null if it is not recorded.</summary>
    internal (long TimeMs, ulong Id)? Attempt { get; set; }

    /// <summary>The key of a stored answer, which is read in the same round trip; null if none is read.</summary>
    internal RedisKey? AnswerKey { get; set; }

    /// <summary>The pending read of the stored answer, if it has a command of its own.</summary>
    internal Task<RedisValue>? AnswerRead { get; set; }

    /// <summary>Waits for the reads; null before the first wait.</summary>
    internal BoundedWait? Wait { get; set; }

    /// <summary>The stored answer; null if there is none, or it could not be read.</summary>
    public byte[]? Answer { get; internal set; }

    /// <summary>Marks all entities of the keys as missing.</summary>
    internal void MissAll()
    {
        Answer = null;
        Profiles.AsSpan().Clear();
        for (var e = 0; e < Keys.Length; e++)
        {
            AreMissing[e] = !Keys[e].IsNone;
        }
    }
}
