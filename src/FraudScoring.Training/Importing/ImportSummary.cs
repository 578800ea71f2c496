using FraudScoring.Training.Quality;

namespace FraudScoring.Training.Importing;

/// <summary>What an import found and wrote.</summary>
/// <param name="Rows">Rows of all files.</param>
/// <param name="BadRows">Rows that cannot be used.</param>
/// <param name="Reasons">Why, the most frequent first.</param>
/// <param name="Written">What was written; null when too many rows are bad, or all.</param>
internal sealed record ImportSummary(long Rows, long BadRows, IReadOnlyList<BadRowReason> Reasons, WrittenLog? Written);

/// <summary>The event log an import wrote.</summary>
/// <param name="Payments">Its payments.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Frauds">Frauds among the labels.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Hash">Its SHA-256, hexadecimal in lower case.</param>
/// <param name="Quality">What there is to say about it.</param>
internal sealed record WrittenLog(long Payments, long Labels, long Frauds, long Bytes, string Hash, QualityReport Quality);
