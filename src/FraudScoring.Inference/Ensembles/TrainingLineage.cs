using System.Text.Json.Serialization;

namespace FraudScoring.Inference.Ensembles;

/// <summary>The training data of a model, and how to reproduce the model.</summary>
/// <param name="Command">The command, with its options.</param>
/// <param name="Source">Name of the event log.</param>
/// <param name="EventLogSha256">SHA-256 of the event log, hexadecimal.</param>
/// <param name="From">Day of its first payment, UTC, such as 2018-04-01.</param>
/// <param name="To">Day of its last payment, UTC.</param>
/// <param name="Payments">Number of payments in the event log.</param>
/// <param name="LabelsKnownBy">Last day, UTC, on which a label could become known to be used in training.</param>
/// <param name="MedianLabelDelayHours">Median time from a fraud to its label, in hours.</param>
/// <param name="Parts">The parts into which the log was split by time, in order.</param>
public sealed record TrainingLineage(
    string Command, string Source, string EventLogSha256, string From, string To, int Payments, string LabelsKnownBy,
    double MedianLabelDelayHours, IReadOnlyList<LineagePart> Parts)
{
    /// <summary>SHA-256 of the exchange rates that amounts were converted by, hexadecimal.</summary>
    public string? RatesHash { get; init; }

    /// <summary>
    /// How long labels take, and which of the last days of the log are left out because their labels are not mature: one sentence. Null
    /// (and absent in the file) in bundles of releases that did not estimate it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LabelMaturity { get; init; }
}

/// <summary>A part of the payments.</summary>
/// <param name="Name">Its use: warm-up, fit, calibration, gap or test.</param>
/// <param name="From">Its first day, UTC.</param>
/// <param name="To">The day after its last, UTC.</param>
/// <param name="Payments">Number of payments; 0 if none became a row.</param>
/// <param name="Frauds">Number of frauds among them, by the labels that were used.</param>
public sealed record LineagePart(string Name, string From, string To, int Payments, int Frauds);
