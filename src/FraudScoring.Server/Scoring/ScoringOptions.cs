using System.ComponentModel.DataAnnotations;
using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Scoring;

/// <summary>Section "Scoring": how payments are scored.</summary>
internal sealed record ScoringOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Scoring";

    /// <summary>Folder with features.json, policy.json, registry.json and the model bundles; relative to the current directory. Empty: the
    /// models that come with the program.</summary>
    public string ModelsFolder { get; init; } = "";

    /// <summary>Folder of the same kind to change to: its profiles are built from the log while the other one serves, and when they are
    /// caught up it takes over. Empty: none.</summary>
    public string NextModelsFolder { get; init; } = "";

    /// <summary>Longest time a payment may take, in milliseconds. The caller's deadline may make it shorter.</summary>
    [Range(1, (int)MillisecondsPer.Minute)]
    public int BudgetMs { get; init; } = 100;

    /// <summary>Time kept back for the model and the reply: history is not waited for beyond it, in milliseconds.</summary>
    [Range(0, 1000)]
    public int ReserveMs { get; init; } = 10;

    /// <summary>From what lag of the transaction stream on features count as stale, in seconds.</summary>
    [Range(1, SecondsPer.Day)]
    public int StaleAfterSeconds { get; init; } = 30;

    /// <summary>When contributions are computed, unless the request says: Always, OnReview (or graver) or Never.</summary>
    [EnumDataType(typeof(ExplainWhen))]
    public ExplainWhen Explain { get; init; } = ExplainWhen.OnReview;

    /// <summary>How long ago a payment may have been made, in hours.</summary>
    [Range(1, 24 * 3660)]
    public int MaxEventAgeHours { get; init; } = 24;

    /// <summary>How far in the future a payment may lie, since clocks differ, in seconds.</summary>
    [Range(0, SecondsPer.Day)]
    public int MaxEventAheadSeconds { get; init; } = 120;

    /// <summary>Payments of one stream that are scored at the same time.</summary>
    [Range(1, 1024)]
    public int StreamConcurrency { get; init; } = 32;
}

/// <summary>When contributions are computed.</summary>
internal enum ExplainWhen
{
    /// <summary>For every payment.</summary>
    Always,
    /// <summary>When the decision is review or graver.</summary>
    OnReview,
    /// <summary>Never.</summary>
    Never,
}
