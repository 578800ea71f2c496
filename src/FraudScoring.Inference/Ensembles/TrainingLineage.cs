namespace FraudScoring.Inference.Ensembles;

/// <summary>Which payments a model learned from, and how to make it again.</summary>
/// <param name="Command">The command, with its options.</param>
/// <param name="Source">Name of the event log.</param>
/// <param name="EventLogSha256">SHA-256 of the event log, hexadecimal.</param>
/// <param name="From">Day of its first payment, UTC, such as 2018-04-01.</param>
/// <param name="To">Day of its last payment, UTC.</param>
/// <param name="Payments">How many payments it holds.</param>
/// <param name="LabelsKnownBy">Day until which labels had to be known to be learned from, UTC.</param>
/// <param name="MedianLabelDelayHours">Half of the log's frauds became known within so many hours of their payments.</param>
/// <param name="Parts">The parts it was cut into by time, in order.</param>
public sealed record TrainingLineage(
    string Command, string Source, string EventLogSha256, string From, string To, int Payments, string LabelsKnownBy, double MedianLabelDelayHours,
    IReadOnlyList<LineagePart> Parts);

/// <summary>A part of the payments.</summary>
/// <param name="Name">What it was used for: warm-up, fit, calibration, gap, test.</param>
/// <param name="From">Its first day, UTC.</param>
/// <param name="To">The day after its last, UTC.</param>
/// <param name="Payments">How many payments; 0 where none of them was a row.</param>
/// <param name="Frauds">How many of them are frauds, by the labels that were used.</param>
public sealed record LineagePart(string Name, string From, string To, int Payments, int Frauds);
