using FraudScoring.Training.Quality;

namespace FraudScoring.Training.Importing;

/// <summary>The result of an import.</summary>
/// <param name="Rows">Number of rows in all files.</param>
/// <param name="InvalidRows">Number of invalid rows.</param>
/// <param name="Reasons">Why they are invalid, most frequent reason first.</param>
/// <param name="Written">The written log; null if too many rows are bad, no payment is left, or there is a refusal.</param>
internal sealed record ImportSummary(long Rows, long InvalidRows, IReadOnlyList<InvalidRowReason> Reasons, WrittenLog? Written)
{
    /// <summary>Number of rows that are refunds. They are neither payments nor invalid.</summary>
    public long Refunds { get; init; }

    /// <summary>Number of rows that the mapping's filter left out.</summary>
    public long Filtered { get; init; }

    /// <summary>What a user should know about the files and about valid rows.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Why the rows are not usable together, although each is valid by itself; null if they are.</summary>
    public string? Refusal { get; init; }
}

/// <summary>An imported event log.</summary>
/// <param name="Payments">Number of payments.</param>
/// <param name="Labels">Number of labels.</param>
/// <param name="Frauds">Number of labels that say fraud.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Hash">SHA-256 of the file, lower-case hexadecimal.</param>
/// <param name="Quality">The quality report.</param>
internal sealed record WrittenLog(long Payments, long Labels, long Frauds, long Bytes, string Hash, QualityReport Quality);
