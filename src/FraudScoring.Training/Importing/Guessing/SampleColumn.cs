using System.Text.RegularExpressions;

namespace FraudScoring.Training.Importing.Guessing;

/// <summary>A column of a sample: its name in words, and the texts that are not missing.</summary>
internal sealed partial class SampleColumn
{
    private static readonly HashSet<string> Prefixes = ["tx", "trx", "txn", "trans", "transaction", "payment", "pmt"];

    public SampleColumn(string name, IEnumerable<string> texts)
    {
        Name = name;
        var all = texts.Select(text => text.Trim()).ToList();
        Texts = [.. all.Where(text => text.Length > 0)];
        Missing = all.Count - Texts.Count;
        Distinct = new HashSet<string>(Texts, StringComparer.Ordinal);
        Words = [.. Word().Matches(name).Select(word => word.Value.ToLowerInvariant())];
        Joined = string.Concat(Words);
        Core = Words.Count > 1 && Prefixes.Contains(Words[0]) ? string.Concat(Words.Skip(1)) : Joined;
    }

    public string Name { get; }

    /// <summary>The texts that are not empty, without blanks around them.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>Number of empty texts.</summary>
    public int Missing { get; }

    public HashSet<string> Distinct { get; }

    /// <summary>The words of the name in lower case: <c>transAmt</c> is <c>trans</c>, <c>amt</c>.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The words without separators.</summary>
    public string Joined { get; }

    /// <summary>The words without separators, and without a first word such as <c>TX</c>.</summary>
    public string Core { get; }

    /// <summary>The column in an expression.</summary>
    public string InExpression =>
        $"row[\"{Name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"]";

    /// <summary>Whether every row has a text of its own.</summary>
    public bool IsUnique => Missing == 0 && Distinct.Count == Texts.Count;

    /// <summary>Whether there are texts, and all are numbers.</summary>
    public bool IsNumeric => AreAll(TextShape.IsNumber);

    public bool AreAll(Predicate<string> test) => Texts.Count > 0 && Distinct.All(text => test(text));

    /// <summary>Share of the texts for which a test holds; 0 without texts.</summary>
    public double ShareOf(Predicate<string> test) => Texts.Count == 0 ? 0 : Texts.Count(text => test(text)) / (double)Texts.Count;

    public bool HasWord(params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (Words.Contains(word))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Whether the name is one of a list of names without separators, with or without a first word such as <c>TX</c>.</summary>
    public bool IsNamed(IReadOnlyCollection<string> names) => names.Contains(Joined) || names.Contains(Core);

    [GeneratedRegex(@"\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|[0-9]+")]
    private static partial Regex Word();
}
