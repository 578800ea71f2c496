using Prometheus;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Scoring;

/// <summary>
/// The stages of a payment, in order. The one list behind spans, the latency metric's label, the times in a reply, and the
/// documentation's table.
/// </summary>
internal enum ScoringStage
{
    /// <summary>Check the message and make a payment of it.</summary>
    Validate,
    /// <summary>Read the profiles of all entities in one round trip.</summary>
    ReadFeatures,
    /// <summary>Fill one row of features.</summary>
    FillFeatures,
    /// <summary>Lease the model.</summary>
    Route,
    /// <summary>Run the ensemble.</summary>
    Infer,
    /// <summary>Apply lists, rules and thresholds.</summary>
    Decide,
    /// <summary>Find the reasons. By default contributions are computed for payments that are reviewed or worse.</summary>
    Explain,
    /// <summary>Write the reply, and hand the decision over for Kafka.</summary>
    Publish,
}

/// <summary>The stages' names and metrics, made once.</summary>
internal static class ScoringStages
{
    /// <summary>All stages, in order.</summary>
    public static readonly ScoringStage[] All = Enum.GetValues<ScoringStage>();

    /// <summary>Their names in snake case, as spans, metrics and replies give them, by stage.</summary>
    public static readonly string[] Names =
        [.. All.Select(stage => Core.Payments.SnakeCase.Convert(stage))];

    /// <summary>The latency metric's series, by stage.</summary>
    public static readonly Histogram.Child[] Seconds = [.. Names.Select(name => ServerMetrics.StageSeconds.WithLabels(name))];
}
