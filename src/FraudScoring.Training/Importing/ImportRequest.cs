using FraudScoring.Core.Catalogue;
using FraudScoring.Training.Importing.Sources;

namespace FraudScoring.Training.Importing;

/// <summary>The options of an import.</summary>
/// <param name="Files">Source files, in the order in which their rows are numbered.</param>
/// <param name="Out">Event log to write.</param>
/// <param name="MaxInvalidShare">Largest share of bad rows, 0 to 1; above it no log is written.</param>
/// <param name="InvalidRowsPath">File for the list of invalid rows; null for none.</param>
/// <param name="HashKey">Secret key for hashing identifiers; empty for none.</param>
/// <param name="MemoryMb">Memory limit of DuckDB, in MiB.</param>
internal sealed record ImportRequest(
    IReadOnlyList<SourceFile> Files, string Out, double MaxInvalidShare, string? InvalidRowsPath, byte[] HashKey, int MemoryMb)
{
    /// <summary>The times that payments and labels may have.</summary>
    public TimeRange Times { get; init; } = TimeRange.Any;

    /// <summary>True to do everything but keep the event log.</summary>
    public bool DryRun { get; init; }

    /// <summary>The exchange rates, to count the payments in currencies without one; null to count none.</summary>
    public ExchangeRates? Rates { get; init; }
}

/// <summary>The stages of <see cref="HistoryImport"/>, in order.</summary>
internal enum ImportStage
{
    ScanFiles,
    ReadRows,
    FindRepeated,
    WriteInOrder,
    CheckQuality,
}

/// <summary>Progress of an import.</summary>
/// <param name="Stage">The current stage.</param>
/// <param name="Fraction">Completed share of the stage, 0 to 1.</param>
/// <param name="Rows">Number of rows read so far; 0 in other stages.</param>
internal readonly record struct ImportProgress(ImportStage Stage, double Fraction, long Rows);
