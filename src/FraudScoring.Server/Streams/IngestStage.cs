namespace FraudScoring.Server.Streams;

/// <summary>
/// The stops of a batch of Kafka records, in the order it makes them. The one list behind spans, the label of
/// <c>fraud_ingest_stage_seconds</c>, the comment above <see cref="IngestLoop"/> and the documentation's table.
/// </summary>
internal enum IngestStage
{
    /// <summary>Gather records from Kafka for a moment.</summary>
    Poll,
    /// <summary>Make a payment or a label of each.</summary>
    Parse,
    /// <summary>Find out in Redis which came before with another record.</summary>
    Claim,
    /// <summary>Read the profiles that the batch touches.</summary>
    Read,
    /// <summary>Apply the records that each profile does not have yet.</summary>
    Apply,
    /// <summary>Write the profiles back by compare-and-set, bucket by bucket.</summary>
    Write,
    /// <summary>Move the markers up to what is applied, and let Kafka commit it.</summary>
    Checkpoint,
}

internal static class IngestStages
{
    /// <summary>All stages, in order.</summary>
    public static readonly IngestStage[] All = Enum.GetValues<IngestStage>();

    /// <summary>Their names in snake case, as spans and metrics give them, by stage.</summary>
    public static readonly string[] Names =
        [.. All.Select(stage => Core.Payments.SnakeCase.Convert(stage))];
}
