using System.Globalization;
using System.Text;
using FraudScoring.Core.Decisions;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Export;

/// <summary>Writes the model card, which tells readers what a model was trained on and how well it works, from its manifest.</summary>
/// <remarks>
/// A Fluid template was tried and wrote the same bytes, but template and bindings were longer than this class, and a misspelled member
/// renders as nothing where C# does not compile.
/// </remarks>
internal static class ModelCard
{
    /// <summary>
    /// Returns the card as Markdown. Deterministic: equal manifests have equal cards. <see cref="ModelManifest.Files"/> is ignored, because
    /// it holds the hash of the card itself.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="currency">ISO 4217 code of the catalogue's reference currency.</param>
    public static string Write(ModelManifest manifest, string currency)
    {
        var card = new StringBuilder();
        card.Append(CultureInfo.InvariantCulture, $"# Model card: {manifest.Model}, version {manifest.Version}\n\n");
        card.Append(CultureInfo.InvariantCulture,
            $"An ensemble of {Join(manifest.Members)} over {manifest.Features.Count} features, ");
        card.Append("stacked by a logistic regression and calibrated, in one ONNX graph. ");
        card.Append("It returns the probability that a payment is fraud.\n\n");
        card.Append("## Quality\n\nMeasured on payments later than the training data, by their last labels in the log");
        card.Append(manifest.Lineage.LabelMaturity is { } maturity ? $". {maturity}\n\n" : ".\n\n");
        MarkdownTable.Append(card, ["metric", "value"], manifest.Metrics.Select(m => new[] { m.Key, MetricText.Format(m.Value) }));
        AppendThresholds(card, manifest);
        AppendOperating(card, manifest.Operating, currency);
        AppendCosts(card, manifest.Costs, currency);
        AppendTraining(card, manifest);
        card.Append("\n## Use\n\nFor payments like those in the training data, with the feature catalogue it was built for (");
        card.Append(CultureInfo.InvariantCulture, $"`{manifest.CatalogueHash}`, in this folder as {ModelManifest.CatalogueFileName}). ");
        card.Append("A payment's country, merchant category and channel are inputs: ");
        card.Append("check decisions for groups of payers before relying on them.\n");
        return card.ToString();
    }

    /// <summary>Names in a sentence, such as "trees, linear and anomaly".</summary>
    private static string Join(IReadOnlyList<string> names) =>
        names.Count < 2 ? string.Concat(names) : $"{string.Join(", ", names.SkipLast(1))} and {names[^1]}";

    private static void AppendThresholds(StringBuilder card, ModelManifest manifest)
    {
        var plan = manifest.Thresholds;
        card.Append("\n## Thresholds\n\n");
        card.Append("The thresholds with the lowest cost on the calibration part, at the costs below.\n\n");
        MarkdownTable.Append(card, ["segment", "review from", "challenge from", "decline from"],
        [
            Cells(plan.Segments.Count == 0 ? OperatingRow.All : OperatingRow.Others, plan.Default()),
            .. plan.Segments.Select(segment => Cells(segment.Name(), segment.Triple())),
        ]);

        static string[] Cells(string name, Thresholds triple) =>
            [name, Probability(triple.Review), Probability(triple.Challenge), Probability(triple.Decline)];
        static string Probability(double value) => value.ToString("0.000000", CultureInfo.InvariantCulture);
    }

    private static void AppendOperating(StringBuilder card, IReadOnlyList<OperatingRow> rows, string currency)
    {
        card.Append("\n## Operating points\n\n");
        card.Append("Decisions on payments later than the training data. Caught frauds are reviewed, challenged or declined. ");
        card.Append(CultureInfo.InvariantCulture,
            $"Costs are {currency} per 1,000 payments: with these thresholds, with every payment approved, and with one triple of ");
        card.Append("thresholds that reviews, challenges and declines 0.5 %, 0.2 % and 0.1 % of the legitimate payments.\n\n");
        MarkdownTable.Append(card, OperatingCells.Heads, rows.Select(OperatingCells.Create));
    }

    private static void AppendCosts(StringBuilder card, DecisionCosts costs, string currency)
    {
        card.Append(CultureInfo.InvariantCulture, $"\n## Costs\n\nIn {currency}, from the costs file.\n\n");
        MarkdownTable.Append(card, ["what", "value"],
        [
            ["an approved fraud", Invariant($"{costs.Fraud.LossShare:0.####} of its amount, and {costs.Fraud.Fixed:0.####}")],
            ["a review", Invariant($"{costs.Review.Cost:0.####}; averts the loss of {costs.Review.Catches:0.####} of the frauds; ")
                + Invariant($"at most {costs.Review.PerDay:0.####} a day")],
            ["a challenge", Invariant($"{costs.Challenge.Cost:0.####}; stops {costs.Challenge.Stops:0.####} of the frauds, ")
                + Invariant($"and {costs.Challenge.LegitimateLost:0.####} of the legitimate payments")],
            ["a declined legitimate payment",
                Invariant($"{costs.FalseDecline.AmountShare:0.####} of its amount, and {costs.FalseDecline.Fixed:0.####}")],
            ["a separate segment", Invariant($"at least {costs.Segments.LeastPayments} payments ")
                + Invariant($"and {costs.Segments.LeastFrauds} frauds in the calibration part")],
        ]);
    }

    private static void AppendTraining(StringBuilder card, ModelManifest manifest)
    {
        var lineage = manifest.Lineage;
        card.Append("\n## Training\n\n");
        MarkdownTable.Append(card, ["part", "from", "to (exclusive)", "payments", "frauds"],
            lineage.Parts.Select(part => new[]
            {
                part.Name, part.From, part.To, Invariant($"{part.Payments}"), Invariant($"{part.Frauds}"),
            }));
        card.Append('\n');
        MarkdownTable.Append(card, ["what", "value"],
        [
            ["command", $"`{lineage.Command}`"],
            ["event log", Invariant($"{lineage.Source}, {lineage.Payments} payments from {lineage.From} to {lineage.To}")],
            ["SHA-256 of the event log", $"`{lineage.EventLogSha256}`"],
            ["labels", Invariant($"as known by {lineage.LabelsKnownBy}; ")
                + Invariant($"half of the frauds became known within {lineage.MedianLabelDelayHours:0.#} hours")],
            ["SHA-256 of the policy", $"`{manifest.PolicyHash}`"],
            .. DerivedFrom(manifest),
            .. manifest.Parameters.Select(parameter => new[] { parameter.Key, parameter.Value }),
        ]);
        foreach (var table in TrainingTables.Create(manifest))
        {
            card.Append(CultureInfo.InvariantCulture, $"\n### {table.Title}\n\n");
            MarkdownTable.Append(card, table.Heads, table.Rows);
        }
    }

    private static string[][] DerivedFrom(ModelManifest manifest) => manifest.DerivedFrom is { } source
        ? [["derived from", $"{source.Model} {source.Version}, bundle `{source.Hash}`: the same model with thresholds for other costs"]]
        : [];

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
