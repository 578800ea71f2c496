using FraudScoring.Server.Monitoring;
using Prometheus;

namespace FraudScoring.Server.Scoring;

/// <summary>
/// The stages of a payment, in order. The single source of the span names, the stage label of fraud_stage_seconds, the stage times in a
/// reply, and the table in the documentation.
/// </summary>
internal enum ScoringStage
{
    /// <summary>Check the message and build the payment.</summary>
    Validate,
    /// <summary>Read the profiles of all entities in one round trip.</summary>
    ReadFeatures,
    /// <summary>Fill one row of features.</summary>
    FillFeatures,
    Route,
    Infer,
    /// <summary>Apply lists, rules and thresholds.</summary>
    Decide,
    /// <summary>Select the reasons. By default contributions are computed for payments decided review or worse.</summary>
    Explain,
    /// <summary>Write the reply, and queue the decision for Kafka.</summary>
    Publish,
}

internal static class ScoringStages
{
    public static readonly ScoringStage[] All = Enum.GetValues<ScoringStage>();

    /// <summary>Names in snake case, as in spans, metrics and replies; indexed by stage.</summary>
    public static readonly string[] Names =
        [.. All.Select(stage => Core.Payments.SnakeCase.Convert(stage))];

    /// <summary>Series of fraud_stage_seconds; indexed by stage.</summary>
    public static readonly Histogram.Child[] Seconds = [.. Names.Select(name => ServerMetrics.StageSeconds.WithLabels(name))];
}
