using System.Text;

namespace FraudScoring.Training.Export;

/// <summary>Writes tables as Markdown.</summary>
internal static class MarkdownTable
{
    /// <summary>Appends a table. Bars within cells are escaped.</summary>
    public static void Append(StringBuilder text, IReadOnlyList<string> heads, IEnumerable<string[]> rows)
    {
        text.Append("| ").AppendJoin(" | ", heads).Append(" |\n|").Insert(text.Length, "---|", heads.Count).Append('\n');
        foreach (var row in rows)
        {
            text.Append("| ").AppendJoin(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
        }
    }
}
