using System.ComponentModel.DataAnnotations;
using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Scoring;

/// <summary>Section "Scoring": models, time limits and explanations of scored payments.</summary>
internal sealed record ScoringOptions
{
    public const string Section = "Scoring";

    /// <summary>
    /// Folder with features.json, rates.json, policy.json, registry.json and the model bundles, relative to the current directory. Empty:
    /// the built-in models.
    /// </summary>
    public string ModelsFolder { get; init; } = "";

    /// <summary>
    /// Models folder to switch to without a restart: its profiles are built from the Kafka log while ModelsFolder serves, and it takes over
    /// when they have caught up. Empty: none. Set it for a catalogue change.
    /// </summary>
    public string NextModelsFolder { get; init; } = "";

    /// <summary>Time budget of a payment, in milliseconds; up to a minute. A shorter deadline set by the caller takes precedence.</summary>
    [Range(1, (int)MillisecondsPer.Minute)]
    public int BudgetMs { get; init; } = 100;

    /// <summary>
    /// Part of the budget reserved for the model and the reply, in milliseconds: the read of history ends before it begins.
    /// </summary>
    [Range(0, 1000)]
    public int ReserveMs { get; init; } = 10;

    /// <summary>
    /// Lag of the topic of transactions beyond which features count as stale, in seconds. A stream that is up to date shows up to 3 s.
    /// </summary>
    [Range(5, SecondsPer.Day)]
    public int StaleAfterSeconds { get; init; } = 30;

    /// <summary>When contributions are computed, unless the request decides: Always, OnReview (review or worse) or Never.</summary>
    [EnumDataType(typeof(ExplainWhen))]
    public ExplainWhen Explain { get; init; } = ExplainWhen.OnReview;

    /// <summary>Greatest age of a payment's event time, in hours. Older payments are refused.</summary>
    [Range(1, 24 * 3660)]
    public int MaxEventAgeHours { get; init; } = 24;

    /// <summary>How far a payment's event time may be ahead of this machine's clock, in seconds. Later payments are refused.</summary>
    [Range(0, SecondsPer.Day)]
    public int MaxEventAheadSeconds { get; init; } = 120;

    /// <summary>Payments of one ScoreStream call that are scored concurrently, 1 to 1024.</summary>
    [Range(1, 1024)]
    public int StreamConcurrency { get; init; } = 32;

    /// <summary>
    /// How long a repeated request with the same transaction id gets the first answer again, in seconds. 0: each request is scored. Costs
    /// about 600 bytes of Redis memory per payment for as long.
    /// </summary>
    [Range(0, SecondsPer.Day)]
    public int IdempotencySeconds { get; init; } = 300;
}

internal enum ExplainWhen
{
    Always,
    /// <summary>When the decision is review or worse.</summary>
    OnReview,
    Never,
}
