namespace FraudScoring.Training.Export;

/// <summary>A table for readers.</summary>
/// <param name="Title">What it tells.</param>
/// <param name="Heads">Its heads.</param>
/// <param name="Rows">Its rows; each has a cell per head.</param>
internal sealed record ReadableTable(string Title, IReadOnlyList<string> Heads, IReadOnlyList<string[]> Rows);
