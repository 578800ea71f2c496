using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Admission;
using FraudScoring.Server.Features;
using Microsoft.Extensions.ObjectPool;
using StackExchange.Redis;

namespace FraudScoring.Server.Scoring;

/// <summary>The pooled buffers of one payment on its path.</summary>
internal sealed class ScoringContext(FeatureCatalogue catalogue)
{
    /// <summary>Faults of the request. Cleared before the request is read.</summary>
    public Faults Faults { get; } = new();

    /// <summary>The request: its deadline, and whether its caller still waits.</summary>
    public PaymentCall Call { get; set; } = null!;

    public Payment Payment { get; set; } = null!;

    /// <summary>The payment's amount in minor units of the reference currency; negative without an exchange rate.</summary>
    public long Amount { get; set; }

    /// <summary>The exchange rates that converted the amount.</summary>
    public ExchangeRates Rates { get; set; } = null!;

    /// <summary>True for a generated warm-up payment, which is neither recorded nor counted.</summary>
    public bool IsWarmUp { get; set; }

    /// <summary>Whether the response has the time per stage.</summary>
    public bool WantsStageTimes { get; set; }

    /// <summary>Name and version of the requested model; both empty for the champion.</summary>
    public (string Name, string Version) Model { get; set; } = ("", "");

    /// <summary>The hashes of the request's fields, if answers are kept.</summary>
    public RequestContents Contents { get; } = new();

    /// <summary>The key under which the answer is kept; null if it is not.</summary>
    public RedisKey? AnswerKey { get; set; }

    /// <summary>The fields that differ from those of an earlier request with the same transaction id; if any, there is no answer.</summary>
    public IReadOnlyList<string> Differing { get; set; } = [];

    /// <summary>Why there is no answer, unless <see cref="Differing"/> says so.</summary>
    public Unanswered Unanswered { get; set; }

    public ProfileReads Reads { get; } = new(catalogue);

    /// <summary>Feature values, in the order of the catalogue; NaN for missing.</summary>
    public float[] Row { get; } = new float[catalogue.Features.Count];

    /// <summary>Contributions to the ensemble's margin, one per feature.</summary>
    public double[] Contributions { get; } = new double[catalogue.Features.Count];

    /// <summary>True if the contributions were due but not computed, because the service was overloaded.</summary>
    public bool AreContributionsSkipped { get; set; }

    /// <summary>Margins of the ensemble's members.</summary>
    public float[] MemberMargins { get; } = new float[EnsembleGraph.MaxMembers];

    public Reason[] Reasons { get; } = new Reason[ReasonSelector.MaxReasons];

    public StageClock Clock { get; } = new();
}

/// <summary>Why a payment was not answered.</summary>
internal enum Unanswered
{
    None,
    /// <summary>Its decision could not have been recorded.</summary>
    NotRecorded,
    /// <summary>Time ran out.</summary>
    Expired,
    /// <summary>Time ran out while an earlier request of the same transaction id was scored.</summary>
    SharedTooLate,
    /// <summary>Its caller no longer waits.</summary>
    Cancelled,
    /// <summary>Too many payments waited for the model's device.</summary>
    ModelQueueFull,
}

internal sealed class ScoringContextPolicy(FeatureCatalogue catalogue) : PooledObjectPolicy<ScoringContext>
{
    public override ScoringContext Create() => new(catalogue);

    public override bool Return(ScoringContext context)
    {
        context.Payment = null!;
        (context.Call, context.IsWarmUp, context.Unanswered, context.WantsStageTimes) = (null!, false, Unanswered.None, false);
        context.Model = ("", "");
        (context.AnswerKey, context.Differing) = (null, []);
        return true;
    }
}
