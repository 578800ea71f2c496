namespace FraudScoring.Training.Export;

/// <summary>A formatted table for the model card and the gate report.</summary>
/// <param name="Title">Title of the table.</param>
/// <param name="Heads">Column heads.</param>
/// <param name="Rows">Rows with one cell per head.</param>
internal sealed record ReadableTable(string Title, IReadOnlyList<string> Heads, IReadOnlyList<string[]> Rows);
