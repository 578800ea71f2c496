using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing;

/// <summary>Resolves the paths and patterns of <c>--in</c>.</summary>
internal static class SourceFiles
{
    /// <summary>
    /// The files of all paths and patterns, such as <c>data/2018-*.parquet</c>, each once. The files of a pattern are sorted by name.
    /// </summary>
    /// <exception cref="InvalidDataException">Paths or patterns match no file; the message names all of them.</exception>
    public static IReadOnlyList<string> Find(IEnumerable<string> patterns)
    {
        var (files, faults) = (new List<string>(), new Faults());
        foreach (var pattern in patterns)
        {
            var found = Match(pattern);
            if (found.Count == 0)
            {
                faults.Add("--in", $"'{pattern}' matches no file");
            }
            files.AddRange(found.Except(files, StringComparer.Ordinal));
        }
        return faults.Count == 0 ? files : throw new InvalidDataException(faults.ToString());
    }

    private static List<string> Match(string pattern)
    {
        if (File.Exists(pattern))
        {
            return [pattern];
        }
        var (folder, name) = (Path.GetDirectoryName(pattern), Path.GetFileName(pattern));
        folder = string.IsNullOrEmpty(folder) ? "." : folder;
        return Directory.Exists(folder) && name.AsSpan().ContainsAny("*?")
            ? [.. Directory.EnumerateFiles(folder, name).Order(StringComparer.Ordinal)]
            : [];
    }
}
