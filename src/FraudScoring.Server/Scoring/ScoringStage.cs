namespace FraudScoring.Server.Scoring;

/// <summary>
/// The stops of a payment, in the order it makes them. The one list behind spans, the latency metric's label, the times in a
/// reply, and the documentation's table.
/// </summary>
internal enum ScoringStage
{
    /// <summary>Check the message and make a payment of it.</summary>
    Validate,
    /// <summary>The whole path of a checked payment.</summary>
    Score,
    /// <summary>Read the profiles of all entities in one round trip.</summary>
    ReadFeatures,
    /// <summary>Fill one row of features.</summary>
    FillFeatures,
    /// <summary>Choose the model.</summary>
    Route,
    /// <summary>Run the ensemble.</summary>
    Infer,
    /// <summary>Apply rules, lists and thresholds; find the reasons.</summary>
    Decide,
    /// <summary>Hand the decision over to be sent to Kafka.</summary>
    Publish,
}

internal static class ScoringStages
{
    /// <summary>All stages, in order.</summary>
    public static readonly ScoringStage[] All = Enum.GetValues<ScoringStage>();

    /// <summary>Their names in snake case, as spans, metrics and replies give them, by stage.</summary>
    public static readonly string[] Names =
        [.. All.Select(stage => Core.Payments.SnakeCase.Convert(stage))];
}
