namespace FraudScoring.Core.Expressions;

/// <summary>Finds the name that a misspelled one was probably meant to be.</summary>
internal static class SimilarName
{
    /// <summary>The most similar name; null if none is similar: more than a third of its characters differ.</summary>
    public static string? Find(string name, IEnumerable<string> known) => known
        .Select(other => (other, Distance: Distance(name, other)))
        .Where(found => found.Distance <= Math.Max(1, name.Length / 3))
        .OrderBy(found => found.Distance).ThenBy(found => found.other, StringComparer.Ordinal)
        .Select(found => found.other).FirstOrDefault();

    /// <summary>The Levenshtein distance, ignoring case.</summary>
    public static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[b.Length];
    }
}
