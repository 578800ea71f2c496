using System.Text;

namespace FraudScoring.Training.Export;

internal static class MarkdownTable
{
    /// <summary>Appends a Markdown table. Vertical bars in cells are escaped.</summary>
    public static void Append(StringBuilder text, IReadOnlyList<string> heads, IEnumerable<string[]> rows)
    {
        text.Append("| ").AppendJoin(" | ", heads).Append(" |\n|").Insert(text.Length, "---|", heads.Count).Append('\n');
        foreach (var row in rows)
        {
            text.Append("| ").AppendJoin(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
        }
    }
}
