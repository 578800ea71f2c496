using System.Globalization;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Evaluation;
using FraudScoring.Training.Export;
using FraudScoring.Training.Learners;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

internal static class Tables
{
    public static void Print(IAnsiConsole console, IReadOnlyDictionary<string, double> values, IReadOnlyList<OperatingRow> operating)
    {
        var metrics = new Table().AddColumn("metric").AddColumn(new TableColumn("value").RightAligned());
        foreach (var (name, value) in values)
        {
            metrics.AddRow(name, MetricText.Format(value));
        }
        console.Write(metrics);
        var rows = new Table();
        foreach (var i in OperatingCells.OnConsole)
        {
            var column = new TableColumn(OperatingCells.Heads[i]);
            rows.AddColumn(i == 0 ? column.NoWrap() : column.RightAligned());
        }
        foreach (var row in operating)
        {
            var cells = OperatingCells.Create(row);
            rows.AddRow([.. OperatingCells.OnConsole.Select(i => cells[i])]);
        }
        console.Write(rows);
    }

    /// <summary>Prints a warning, if there is one.</summary>
    public static void PrintWarning(IAnsiConsole console, string? warning)
    {
        if (warning is not null)
        {
            console.MarkupLineInterpolated($"[yellow]warning:[/] {warning}");
        }
    }

    /// <summary>Prints the member sets that were compared, and which was chosen.</summary>
    public static void Print(IAnsiConsole console, MemberChoice? choice)
    {
        if (choice is null)
        {
            return;
        }
        var table = new Table().AddColumn("members considered, on the folds");
        foreach (var head in new[] { "average precision", "gain, 95 %", "AUC", "gain, 95 %", "" })
        {
            table.AddColumn(new TableColumn(head).RightAligned());
        }
        foreach (var set in choice.Considered)
        {
            table.AddRow(
                string.Join(", ", set.Members), Figure(set.AveragePrecision), Interval(set.Gain), Figure(set.AreaUnderRoc),
                Interval(set.AucGain), set.Members.SequenceEqual(choice.Members) ? "chosen" : "");
        }
        console.Write(table);
        if (choice.Considered.Any(set => set.Gain?.Drawn is not null || set.AucGain?.Drawn is not null))
        {
            console.WriteLine("There are too few cards to draw by: the intervals are from draws of payments, and may be too narrow.");
        }

        static string Interval(Gain? gain) => gain is null ? "" : $"{Figure(gain.AtLeast)} to {Figure(gain.AtMost)}";
        static string Figure(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
    }

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
            double?[] figures = [weight, alone.AreaUnderRoc, without?.AreaUnderRoc, alone.AveragePrecision, without?.AveragePrecision];
            table.AddRow([member, .. figures.Select(figure => figure?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-")]);
        }
        console.Write(table);
    }
}
