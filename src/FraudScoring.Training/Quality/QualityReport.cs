using System.Text.Json;
using System.Text.Json.Serialization;
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

    /// <summary>Number of payments without an exchange rate by currency (ISO 4217); null if there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, long>? PaymentsWithoutRate { get; init; }

    /// <summary>The warnings with their severities, in the same order.</summary>
    [JsonIgnore]
    public IReadOnlyList<Finding> Findings { get; private init; } = [];

    /// <summary>How the log is distributed.</summary>
    [JsonIgnore]
    public LogShape Shape { get; private init; } = new([], 0, [], [], 0, []);

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n",
    };

    /// <summary>The report of a log: its payments' fields, with the drift from the first third to the last.</summary>
    /// <param name="log">What was seen of the log.</param>
    /// <param name="repeated">Number of payments whose transaction id an earlier payment has.</param>
    /// <param name="warnings">Warnings of the import, which has seen the rows before they became payments.</param>
    public static QualityReport Create(LogQuality log, long repeated, IReadOnlyList<string>? warnings = null)
    {
        var frauds = log.SampledFrauds;
        var columns = frauds.Length == 0 ? [] : log.Columns()
            .Select(column => ColumnQuality.Create(column, frauds, frauds.Length / 3, frauds.Length / 3)).ToList();
        return Create(log, repeated, columns, warnings ?? []);
    }

    /// <summary>The report of a log and its features, with the drift of the features from the fit part to the test part.</summary>
    public static QualityReport Create(LogQuality log, ReplayedHistory history)
    {
        var sample = new MatrixSample(history);
        var (frauds, first, last) = (sample.Frauds, sample.FitRows, sample.TestRows);
        var features = frauds.Length == 0 ? [] : sample.Columns()
            .Select(column => ColumnQuality.Create(column, frauds, first, last)).ToList();
        return Create(log, log.Repeated, [.. Create(log, log.Repeated).Columns, .. features], []);
    }

    /// <summary>Writes the report as JSON, atomically.</summary>
    public void Write(string path)
    {
        using var file = new PartialFile(path);
        file.Stream.Write(ToBytes());
        file.Complete();
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    private static QualityReport Create(
        LogQuality log, long repeated, IReadOnlyList<ColumnQuality> columns, IReadOnlyList<string> warnings)
    {
        var report = new QualityReport(log.Payments, repeated, log.Labels, log.Frauds, DelayQuantiles.Create(log.DelayHours), columns, [])
        {
            PaymentsWithoutRate = log.WithoutRate,
        };
        Finding[] findings =
        [
            .. warnings.Select(warning => new Finding(QualityWarnings.OfImport, warning)), .. QualityWarnings.Find(report),
            .. IdentifierWarnings.Find(log).Select(warning => new Finding(QualityWarnings.OfIdentifiers, warning)),
        ];
        return report with { Findings = findings, Warnings = [.. findings.Select(finding => finding.Text)], Shape = log.Shape() };
    }
}
