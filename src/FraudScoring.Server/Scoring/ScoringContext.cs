using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Features;
using Microsoft.Extensions.ObjectPool;

namespace FraudScoring.Server.Scoring;

/// <summary>The buffers of one payment on its path. Rented, so that the path allocates none of them.</summary>
internal sealed class ScoringContext(FeatureCatalogue catalogue)
{
    /// <summary>What is wrong with the request. Cleared before the request is read.</summary>
    public Faults Faults { get; } = new();

    /// <summary>The payment on its path.</summary>
    public Payment Payment { get; set; } = null!;

    /// <summary>The payment's amount in minor units of the reference currency.</summary>
    public long Amount { get; set; }

    /// <summary>The payment is made up to warm the path: it is not recorded, and not counted.</summary>
    public bool IsWarmUp { get; set; }

    /// <summary>Name and version of the model the caller asks for; both empty for the one in force.</summary>
    public (string Name, string Version) Model { get; set; } = ("", "");

    /// <summary>The read of the payment's profiles.</summary>
    public ProfileReads Reads { get; } = new(catalogue);

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
        context.IsWarmUp = false;
        context.Model = ("", "");
        return true;
    }
}
