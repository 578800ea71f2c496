using System.Globalization;
using FraudScoring.Training.Quality;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

internal static class QualityTables
{
    /// <summary>Prints every column, the label delay and the warnings.</summary>
    public static void Print(IAnsiConsole console, QualityReport report)
    {
        var table = new Table().AddColumn("column");
        foreach (var head in new[] { "missing", "drift (PSI)", "AUC alone", "AP alone" })
        {
            table.AddColumn(new TableColumn(head).RightAligned());
        }
        foreach (var column in report.Columns)
        {
            table.AddRow(
                Markup.Escape(column.Name) + (column.Constant ? " (constant)" : ""),
                FormattableString.Invariant($"{100 * column.Missing:0.0} %"),
                Figure(column.Drift), Figure(column.AreaUnderRoc), Figure(column.AveragePrecision));
        }
        console.Write(table);
        if (report.LabelDelayHours is { } delay)
        {
            var upper = string.Create(CultureInfo.InvariantCulture, $"90 % {delay.NineTenths:0.#}, maximum {delay.Most:0.#}");
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture,
                $"label delay in hours: minimum {delay.Least:0.#}, 10 % {delay.Tenth:0.#}, median {delay.Median:0.#}, {upper}");
        }
        PrintWarnings(console, report);
    }

    public static void PrintWarnings(IAnsiConsole console, QualityReport report)
    {
        foreach (var warning in report.Warnings)
        {
            Tables.PrintWarning(console, warning);
        }
    }

    private static string Figure(double? figure) => figure?.ToString("0.000", CultureInfo.InvariantCulture) ?? "";
}
