namespace FraudScoring.Server.Streams;

/// <summary>
/// The stages of a batch of Kafka records, in order. The single source of the span names, the stage label of
/// <c>fraud_ingest_stage_seconds</c>, the comment above <see cref="IngestLoop"/> and the table in the documentation.
/// </summary>
internal enum IngestStage
{
    /// <summary>Collect records from Kafka into a batch.</summary>
    Poll,
    /// <summary>Parse each into a payment or a label.</summary>
    Parse,
    /// <summary>Claim each in Redis, to find those that another record has already claimed.</summary>
    Claim,
    /// <summary>Read the profiles that the batch updates.</summary>
    Read,
    /// <summary>Apply the records that each profile does not have yet.</summary>
    Apply,
    /// <summary>Write the profiles back by compare-and-set, bucket by bucket.</summary>
    Write,
    /// <summary>Advance the markers of all buckets to the applied offsets, and let Kafka commit them.</summary>
    Checkpoint,
}

internal static class IngestStages
{
    public static readonly IngestStage[] All = Enum.GetValues<IngestStage>();

    /// <summary>Names in snake case, as in spans and metrics; indexed by stage.</summary>
    public static readonly string[] Names =
        [.. All.Select(stage => Core.Payments.SnakeCase.Convert(stage))];
}
