using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing;

/// <summary>The files that were asked for, by name or pattern.</summary>
internal static class SourceFiles
{
    /// <summary>All files of names and patterns such as <c>data/2018-*.parquet</c>, each once; those of a pattern in order of their names.</summary>
    /// <exception cref="InvalidDataException">A name or pattern has no file; all of them are named.</exception>
    public static IReadOnlyList<string> Find(IEnumerable<string> patterns)
    {
        var (files, faults) = (new List<string>(), new Faults());
        foreach (var pattern in patterns)
        {
            var found = Match(pattern);
            if (found.Count == 0)
            {
                faults.Add("--in", $"'{pattern}' is no file, and matches none");
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
