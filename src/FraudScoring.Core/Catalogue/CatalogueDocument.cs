using System.Text;

namespace FraudScoring.Core.Catalogue;

/// <summary>Renders the catalogue as Markdown for people: the file FEATURES.md.</summary>
public static class CatalogueDocument
{
    /// <summary>Renders one table for values read from the payment, one per entity, and one for formulas.</summary>
    public static string Markdown(FeatureCatalogue catalogue)
    {
        var text = new StringBuilder();
        text.Append("# Features\n\nWritten from features.json by `features document`; do not edit it by hand. A row has ")
            .Append(catalogue.Features.Count).Append(" features. Amounts are in ").Append(catalogue.ReferenceCurrency.Code)
            .Append(". A feature that cannot be computed is missing, never 0.\n");
        AppendTable(text, catalogue, "Payment", "Read from the payment itself.", catalogue.Program.Payment.Select(p => p.Feature), null);
        for (var e = 0; e < catalogue.Entities.Count; e++)
        {
            var plan = catalogue.Entities[e];
            AppendTable(text, catalogue, plan.Name, Describe(plan), catalogue.Program.AggregatesByEntity[e].Select(a => a.Feature), null);
        }
        AppendTable(text, catalogue, "Formulas", "Computed from other features; missing if an argument is missing.",
            catalogue.Program.Formulas.Select(f => f.Feature),
            catalogue.Program.Formulas.ToDictionary(f => f.Feature, f => FeatureDescription.Text(f, a => catalogue.Features[a].Name)));
        return text.ToString();
    }

    private static string Describe(EntityPlan plan)
    {
        var text = $"Keyed by {string.Join(" and ", plan.Fields.Select(f => f.Name))}. ";
        text += $"Kept individually: the {plan.RecentCapacity} newest payments";
        text += plan.KeepsLabels ? $", the {plan.LabelCapacity} newest labels" : "";
        text += plan.AttemptCapacity > 0 ? $", the {plan.AttemptCapacity} newest requests" : "";
        return $"{text}. Payments are used for {Duration.Text(plan.RetentionMs)}.";
    }

    private static void AppendTable(
        StringBuilder text, FeatureCatalogue catalogue, string title, string introduction, IEnumerable<int> features,
        Dictionary<int, string>? formulas)
    {
        text.Append("\n## ").Append(title).Append("\n\n").Append(introduction)
            .Append("\n\n| Feature | What it is | Computed as | Unit | Window | Error bound | Reason |\n|---|---|---|---|---|---|---|\n");
        foreach (var feature in features.Order().Select(f => catalogue.Features[f]))
        {
            string[] cells =
            [
                $"`{feature.Name}`", feature.Text, $"`{formulas?[feature.Index] ?? feature.Meaning}`", feature.Unit, WindowOf(feature),
                feature.ErrorBound, feature.Reason is { } reason ? catalogue.Reasons[reason] : "",
            ];
            text.Append("| ").AppendJoin(" | ", cells.Select(Escape)).Append(" |\n");
        }
    }

    private static string WindowOf(FeatureDefinition feature)
    {
        var window = feature.WindowMs > 0 ? Duration.Text(feature.WindowMs) : "";
        return feature.DelayMs > 0 ? $"{window}, ending {Duration.Text(feature.DelayMs)} ago" : window;
    }

    private static string Escape(string cell) => cell.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
