using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Rollout;
using Microsoft.Extensions.ObjectPool;
using StackExchange.Redis;

namespace FraudScoring.Server.Scoring;

/// <summary>The buffers of one payment on its path. Rented, so that the path allocates none of them.</summary>
internal sealed class ScoringContext(FeatureCatalogue catalogue)
{
    /// <summary>A read of nothing.</summary>
    public static readonly Task<RedisValue[]> NothingToRead = Task.FromResult<RedisValue[]>([]);

    /// <summary>A read of no score requests.</summary>
    public static readonly Task<RedisResult> NothingAttempted = Task.FromResult(RedisResult.Create(Array.Empty<RedisValue>()));

    /// <summary>The payment on its path.</summary>
    public Payment Payment { get; set; } = null!;

    /// <summary>The payment's amount in minor units of the reference currency.</summary>
    public long Amount { get; set; }

    /// <summary>Nobody asked for this payment: it is not recorded, and not counted.</summary>
    public bool IsRehearsal { get; set; }

    /// <summary>The model the caller asked for by name, leased by who put it here; null for the one in force.</summary>
    public ModelSnapshot? Asked { get; set; }

    /// <summary>The keyed hashes of the payment's entities.</summary>
    public EntityKey[] Keys { get; } = new EntityKey[catalogue.Entities.Count];

    /// <summary>How many entities one read is for, as its command was sent.</summary>
    public int EntitiesPerRead { get; set; } = 1;

    /// <summary>Reads under way, by the first entity they are for.</summary>
    public Task<RedisValue[]>[] Reads { get; } = [.. catalogue.Entities.Select(_ => NothingToRead)];

    /// <summary>Reads of the newest score requests under way, by the first entity they are for.</summary>
    public Task<RedisResult>[] Attempts { get; } = [.. catalogue.Entities.Select(_ => NothingAttempted)];

    /// <summary>Profiles to read into, one per entity.</summary>
    public EntityProfile[] OwnedProfiles { get; } = [.. catalogue.Entities.Select(plan => new EntityProfile(plan))];

    /// <summary>What is known of the payment's entities: one of <see cref="OwnedProfiles"/> each, or null where nothing is.</summary>
    public EntityProfile?[] Profiles { get; } = new EntityProfile?[catalogue.Entities.Count];

    /// <summary>The row of features.</summary>
    public float[] Row { get; } = new float[catalogue.Features.Count];

    /// <summary>Contributions to the margin, one per feature.</summary>
    public double[] Contributions { get; } = new double[catalogue.Features.Count];

    /// <summary>The members' margins.</summary>
    public float[] MemberMargins { get; } = new float[EnsembleGraph.MaxMembers];

    /// <summary>The reasons that are told.</summary>
    public Reason[] Reasons { get; } = new Reason[ReasonSelector.MaxReasons];

    /// <summary>Time spent per stage.</summary>
    public StageClock Clock { get; } = new();
}

/// <summary>Makes contexts for the pool.</summary>
internal sealed class ScoringContextPolicy(FeatureCatalogue catalogue) : PooledObjectPolicy<ScoringContext>
{
    public override ScoringContext Create() => new(catalogue);

    public override bool Return(ScoringContext context)
    {
        context.Payment = null!;
        context.IsRehearsal = false;
        context.Asked = null;
        return true;
    }
}
