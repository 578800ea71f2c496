using System.Globalization;
using FraudScoring.Training.Evaluation;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

/// <summary>Evaluations as tables on the console.</summary>
internal static class Tables
{
    /// <summary>Prints metrics and operating points.</summary>
    public static void Print(IAnsiConsole console, ModelEvaluation evaluation)
    {
        var metrics = new Table().AddColumn("metric").AddColumn(new TableColumn("value").RightAligned());
        foreach (var (name, value) in evaluation.Metrics)
        {
            metrics.AddRow(name, value.ToString("0.######", CultureInfo.InvariantCulture));
        }
        console.Write(metrics);
        var points = new Table();
        foreach (var head in ModelEvaluation.Heads)
        {
            points.AddColumn(head);
        }
        foreach (var row in evaluation.Rows)
        {
            points.AddRow(row);
        }
        console.Write(points);
    }

    /// <summary>Prints what each member is worth.</summary>
    public static void Print(IAnsiConsole console, IReadOnlyList<Ablation> members)
    {
        if (members.Count == 0)
        {
            return;
        }
        var table = new Table().AddColumn("member");
        foreach (var head in new[] { "weight", "AUC alone", "AUC without", "average precision alone", "average precision without" })
        {
            table.AddColumn(new TableColumn(head).RightAligned());
        }
        foreach (var (member, weight, alone, without) in members)
        {
            double[] figures = [weight, alone.AreaUnderRoc, without.AreaUnderRoc, alone.AveragePrecision, without.AveragePrecision];
            table.AddRow([member, .. figures.Select(figure => figure.ToString("0.0000", CultureInfo.InvariantCulture))]);
        }
        console.Write(table);
    }
}
