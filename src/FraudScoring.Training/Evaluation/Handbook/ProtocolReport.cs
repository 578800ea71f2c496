using System.Text.Encodings.Web;
using System.Text.Json;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>What a run of the protocol found, for files: the plot and the figures.</summary>
/// <param name="LogHash">SHA-256 of the event log.</param>
/// <param name="CatalogueHash">SHA-256 of the feature catalogue.</param>
/// <param name="Features">How many features there are.</param>
/// <param name="TrainDays">Days learned from.</param>
/// <param name="Learner">What learned.</param>
/// <param name="Delays">The results by label delay, in the order asked for.</param>
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

    /// <summary>The figures; the same run gives the same bytes.</summary>
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

    /// <summary>Quality against label delay.</summary>
    public LineChart ToChart()
    {
        return new LineChart(
            "Quality by how soon it is known what a payment was",
            "Labels known after", $"Mean of {Delays[0].Folds.Count} test weeks, bars: one standard deviation",
            [.. Delays.Select(delay => delay.Delay.ToString())],
            [
                Line("Average precision", scores => scores.AveragePrecision),
                Line("AUC ROC", scores => scores.AucRoc),
                Line("Card precision@100", scores => scores.CardPrecision),
                Line("Card precision of an oracle", scores => scores.CardPrecisionCeiling, isDashed: true),
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
