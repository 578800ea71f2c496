using System.Text.Json;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Quality;

/// <summary>What there is to say about the data a model is to learn from.</summary>
/// <param name="Payments">Payments of the log.</param>
/// <param name="Repeated">Payments whose transaction id had been there before; at import they are left out.</param>
/// <param name="Labels">Labels of the log.</param>
/// <param name="Frauds">Payments known as frauds at its end.</param>
/// <param name="LabelDelayHours">How long after their payments labels come; null without labels.</param>
/// <param name="Columns">The payments' fields, and at training the features too.</param>
/// <param name="Warnings">What should be looked at before a model is trusted.</param>
internal sealed record QualityReport(
    long Payments, long Repeated, long Labels, long Frauds, DelayQuantiles? LabelDelayHours, IReadOnlyList<ColumnQuality> Columns,
    IReadOnlyList<string> Warnings)
{
    /// <summary>Name of the report in a bundle's folder.</summary>
    public const string FileName = "quality.json";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n" };

    /// <summary>Looks at a log: its payments' fields, the first third against the last.</summary>
    public static QualityReport Create(LogQuality log, long repeated)
    {
        var frauds = log.SampledFrauds;
        var columns = frauds.Length == 0 ? [] : log.Columns()
            .Select(column => ColumnQuality.Create(column, frauds, frauds.Length / 3, frauds.Length / 3)).ToList();
        return Create(log, repeated, columns);
    }

    /// <summary>Looks at a log and at the features made of it, the fitted part against the test.</summary>
    public static QualityReport Create(LogQuality log, ReplayedHistory history)
    {
        var sample = new MatrixSample(history);
        var (frauds, first, last) = (sample.Frauds, sample.FitRows, sample.TestRows);
        var features = frauds.Length == 0 ? [] : sample.Columns()
            .Select(column => ColumnQuality.Create(column, frauds, first, last)).ToList();
        return Create(log, log.Repeated, [.. Create(log, log.Repeated).Columns, .. features]);
    }

    /// <summary>Writes the report as JSON; all of it or nothing.</summary>
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
