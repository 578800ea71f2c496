namespace FraudScoring.Training.Importing;

/// <summary>What is to be imported.</summary>
/// <param name="Files">The source files, in the order their rows are counted.</param>
/// <param name="Out">The event log to write.</param>
/// <param name="MostBadShare">The largest share of bad rows with which a log is written.</param>
/// <param name="BadRowsPath">Where to write every bad row; null for nowhere.</param>
/// <param name="HashKey">The secret of hashed identifiers; empty for none.</param>
/// <param name="MemoryMb">What DuckDB may hold in memory.</param>
internal sealed record ImportRequest(IReadOnlyList<string> Files, string Out, double MostBadShare, string? BadRowsPath, byte[] HashKey, int MemoryMb);

/// <summary>The parts of an import.</summary>
internal enum ImportStage
{
    LookAtFiles,
    ReadRows,
    FindRepeated,
    WriteInOrder,
    JudgeQuality,
}

/// <summary>How far an import is.</summary>
/// <param name="Stage">The part.</param>
/// <param name="Fraction">What of it is done, 0 to 1.</param>
internal readonly record struct ImportProgress(ImportStage Stage, double Fraction);
