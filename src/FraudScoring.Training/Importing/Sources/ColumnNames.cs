using System.Text.RegularExpressions;

namespace FraudScoring.Training.Importing.Sources;

/// <summary>Shows column names in messages.</summary>
internal static partial class ColumnNames
{
    private const int MostNames = 50;
    private const int LongestName = 64;

    /// <summary>
    /// The names in quotes. In a file without a header they are values of the first row, so digits that could be of a card number are
    /// masked.
    /// </summary>
    public static string Show(IReadOnlyList<string> names)
    {
        var shown = string.Join(", ", names.Take(MostNames).Select(name => $"'{Shown(name)}'"));
        return names.Count > MostNames ? $"{shown} and {names.Count - MostNames} others" : shown;
    }

    private static string Shown(string name)
    {
        var masked = Digits().Replace(name, match => new string('*', match.Length));
        return masked.Length > LongestName ? masked[..LongestName] + "…" : masked;
    }

    [GeneratedRegex(@"\d(?:[ \-.]?\d){8,}", RegexOptions.NonBacktracking)]
    private static partial Regex Digits();
}
