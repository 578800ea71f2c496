using System.Globalization;
using FraudScoring.Training.Importing.Guessing;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

/// <summary>Prints what a guess has placed, what it has not, and what is to be decided.</summary>
internal static class GuessTables
{
    public static void Print(IAnsiConsole console, GuessedMapping guess)
    {
        var fields = new Table().AddColumns("field", "column").AddColumn(new TableColumn("confidence").RightAligned()).AddColumn("reason");
        foreach (var field in guess.Fields)
        {
            fields.AddRow(Markup.Escape(field.Field), Markup.Escape(field.From),
                field.Confidence.ToString("0.00", CultureInfo.InvariantCulture), Markup.Escape(field.Reason));
        }
        console.Write(fields);
        if (guess.NotPlaced.Count > 0)
        {
            var left = new Table().AddColumns("not placed", "reason");
            foreach (var (column, reason) in guess.NotPlaced)
            {
                left.AddRow(Markup.Escape(column.Length == 0 ? "(no name)" : column), Markup.Escape(reason));
            }
            console.Write(left);
        }
        if (guess.ToDecide.Count > 0)
        {
            var open = new Table().AddColumn("to decide");
            foreach (var question in guess.ToDecide)
            {
                open.AddRow(Markup.Escape(question));
            }
            console.Write(open);
        }
    }
}
