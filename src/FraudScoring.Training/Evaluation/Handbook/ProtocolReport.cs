using System.Text.Encodings.Web;
using System.Text.Json;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Reports;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>The results of a protocol run, written as JSON and as a chart.</summary>
/// <param name="LogHash">SHA-256 of the event log, hexadecimal.</param>
/// <param name="CatalogueHash">SHA-256 of the feature catalogue, hexadecimal.</param>
/// <param name="Features">Number of features.</param>
/// <param name="TrainDays">Number of training days.</param>
/// <param name="Learner">The model.</param>
/// <param name="Delays">Results by label delay, in the order of the option.</param>
internal sealed record ProtocolReport(
    string LogHash, string CatalogueHash, int Features, int TrainDays, ProtocolLearner Learner, IReadOnlyList<DelayResult> Delays)
{
    private const int Digits = 6;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The results as JSON. Deterministic: equal runs have equal bytes.</summary>
    public string ToJson() => JsonSerializer.Serialize(new
    {
        Protocol = "handbook",
        EventLogSha256 = LogHash,
        CatalogueSha256 = CatalogueHash,
        Features,
        TrainDays,
        Members = SnakeCase.Convert(Learner.Members),
        Trees = Learner.Trees.ToText(),
        Delays = Delays.Select(delay => new
        {
            LabelsKnownAfter = delay.Delay.ToString(),
            Mean = Names(metric => delay.Summarize(metric).Mean),
            Deviation = Names(metric => delay.Summarize(metric).Deviation),
            Folds = delay.Folds.Select(fold => new
            {
                TestFrom = ProtocolFold.Date(fold.Fold.TestDay),
                fold.TrainRows, fold.TrainFrauds, fold.TestRows, fold.TestFrauds,
                Scores = Names(metric => metric(fold.Scores)),
            }),
        }),
    }, Json) + "\n";

    /// <summary>A chart of quality by label delay.</summary>
    public LineChart ToChart()
    {
        return new LineChart(
            "Model quality by label delay",
            "Labels known after", $"Mean of {Delays[0].Folds.Count} test weeks; bars show one standard deviation",
            [.. Delays.Select(delay => delay.Delay.ToString())],
            [
                Line("Average precision", scores => scores.AveragePrecision),
                Line("AUC ROC", scores => scores.AucRoc),
                Line("Card precision@100", scores => scores.CardPrecision),
                Line("Card precision of a perfect model", scores => scores.CardPrecisionCeiling, isDashed: true),
            ]);

        ChartLine Line(string name, Func<ProtocolScores, double> metric, bool isDashed = false) =>
            new(name, [.. Delays.Select(delay => delay.Summarize(metric))], isDashed);
    }

    private static Dictionary<string, double> Names(Func<Func<ProtocolScores, double>, double> of) => new()
    {
        ["auc_roc"] = Math.Round(of(scores => scores.AucRoc), Digits),
        ["average_precision"] = Math.Round(of(scores => scores.AveragePrecision), Digits),
        ["card_precision_100"] = Math.Round(of(scores => scores.CardPrecision), Digits),
        ["card_precision_100_ceiling"] = Math.Round(of(scores => scores.CardPrecisionCeiling), Digits),
        ["share_of_ceiling"] = Math.Round(of(scores => scores.ShareOfCeiling), Digits),
    };
}
