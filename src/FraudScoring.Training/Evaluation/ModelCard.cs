using System.Globalization;
using System.Text;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Evaluation;

/// <summary>Writes what a reader must know of a model before trusting it, from its manifest and its evaluation.</summary>
internal static class ModelCard
{
    /// <summary>The card as Markdown; the same inputs give the same text.</summary>
    public static string Write(ModelManifest manifest, ModelEvaluation evaluation)
    {
        var card = new StringBuilder();
        card.Append(CultureInfo.InvariantCulture, $"# Model card: {manifest.Model}, version {manifest.Version}\n\n");
        card.Append(CultureInfo.InvariantCulture, $"An ensemble of {string.Join(" and ", manifest.Members)} over {manifest.Features.Count} features, ");
        card.Append("stacked by a logistic regression and calibrated, in one ONNX graph. Gives the probability that a payment is fraud.\n\n");
        card.Append("## Quality\n\nOn payments later than all that was learned from, labels as they became known in the end.\n\n");
        Table(card, ["metric", "value"], evaluation.Metrics.Select(m => new[] { m.Key, m.Value.ToString("0.######", CultureInfo.InvariantCulture) }));
        card.Append("\n## Thresholds\n\nChosen by the share of legitimate payments they catch, on the calibration part; measured on the test part.\n\n");
        Table(card, ModelEvaluation.Heads, evaluation.Rows);
        card.Append("\n## Training\n\n");
        Table(card, ["what", "value"], manifest.Training.Select(t => new[] { t.Key, t.Value }));
        card.Append("\n## Use\n\nFor payments like those it learned from, with the feature catalogue it was built for (");
        card.Append(CultureInfo.InvariantCulture, $"`{manifest.CatalogueHash}`). ");
        card.Append("A payment's country, merchant category and channel are inputs: check decisions for groups of payers before relying on them.\n");
        return card.ToString();
    }

    private static void Table(StringBuilder card, IReadOnlyList<string> heads, IEnumerable<string[]> rows)
    {
        card.Append("| ").AppendJoin(" | ", heads).Append(" |\n|").Insert(card.Length, "---|", heads.Count).Append('\n');
        foreach (var row in rows)
        {
            card.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        }
    }
}
