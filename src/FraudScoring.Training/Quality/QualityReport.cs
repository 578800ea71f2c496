using System.Text.Json;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Quality;

/// <summary>Quality of the data that a model is trained on.</summary>
/// <param name="Payments">Number of payments in the log.</param>
/// <param name="Repeated">Number of payments whose transaction id an earlier payment has; 0 after an import, which drops them.</param>
/// <param name="Labels">Number of labels in the log.</param>
/// <param name="Frauds">Number of payments labelled fraud by the end of the log.</param>
/// <param name="LabelDelayHours">Quantiles of the label delay; null without labels.</param>
/// <param name="Columns">The payments' fields, and for a training run the features too.</param>
/// <param name="Warnings">Findings to check before a model is trusted.</param>
internal sealed record QualityReport(
    long Payments, long Repeated, long Labels, long Frauds, DelayQuantiles? LabelDelayHours, IReadOnlyList<ColumnQuality> Columns,
    IReadOnlyList<string> Warnings)
{
    /// <summary>Name of the report in a bundle's folder.</summary>
    public const string FileName = "quality.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n",
    };

    /// <summary>The report of a log: its payments' fields, with the drift from the first third to the last.</summary>
    public static QualityReport Create(LogQuality log, long repeated)
    {
        var frauds = log.SampledFrauds;
        var columns = frauds.Length == 0 ? [] : log.Columns()
            .Select(column => ColumnQuality.Create(column, frauds, frauds.Length / 3, frauds.Length / 3)).ToList();
        return Create(log, repeated, columns);
    }

    /// <summary>The report of a log and its features, with the drift of the features from the fit part to the test part.</summary>
    public static QualityReport Create(LogQuality log, ReplayedHistory history)
    {
        var sample = new MatrixSample(history);
        var (frauds, first, last) = (sample.Frauds, sample.FitRows, sample.TestRows);
        var features = frauds.Length == 0 ? [] : sample.Columns()
            .Select(column => ColumnQuality.Create(column, frauds, first, last)).ToList();
        return Create(log, log.Repeated, [.. Create(log, log.Repeated).Columns, .. features]);
    }

    /// <summary>Writes the report as JSON, atomically.</summary>
    public void Write(string path)
    {
        using var file = new PartialFile(path);
        file.Stream.Write(ToBytes());
        file.Complete();
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    private static QualityReport Create(LogQuality log, long repeated, IReadOnlyList<ColumnQuality> columns)
    {
        var report = new QualityReport(log.Payments, repeated, log.Labels, log.Frauds, DelayQuantiles.Create(log.DelayHours), columns, []);
        return report with { Warnings = QualityWarnings.Find(report) };
    }
}
