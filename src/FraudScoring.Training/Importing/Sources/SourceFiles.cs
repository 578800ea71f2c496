using System.IO.Compression;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing.Sources;

/// <summary>Resolves the paths, patterns and folders of <c>--in</c>.</summary>
internal static class SourceFiles
{
    /// <summary>Ending of Parquet files.</summary>
    public const string Parquet = ".parquet";

    private const string Zip = ".zip";
    private static readonly string[] Texts = [".csv", ".tsv", ".txt"];
    private static readonly string[] Endings = [.. Texts, .. Texts.Select(text => text + ".gz"), .. Texts.Select(text => text + ".zst"),
        Zip, Parquet];

    /// <summary>
    /// The files of all paths, patterns such as <c>data/2018-*.parquet</c>, and folders, each once. Files of a pattern or folder are sorted
    /// by name. A folder is searched with its subfolders; names that begin with <c>_</c> or <c>.</c>, such as Spark's <c>_SUCCESS</c>, are
    /// left out.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// Paths or patterns match nothing, files have an unknown ending, or an archive is unreadable; the message names all of them.
    /// </exception>
    public static IReadOnlyList<SourceFile> Find(IEnumerable<string> patterns)
    {
        var (files, faults) = (new List<SourceFile>(), new Faults());
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pattern in patterns)
        {
            var found = Match(pattern, faults);
            files.AddRange(found.Where(file => known.Add(SourceFile.RealPath(file.Path))).SelectMany(file => Expand(file, faults)));
        }
        return faults.Count == 0 ? files : throw new InvalidDataException(faults.ToLines());
    }

    private static List<SourceFile> Match(string pattern, Faults faults)
    {
        List<string> paths = File.Exists(pattern) || Directory.Exists(pattern) ? [pattern] : Glob(pattern);
        if (paths.Count == 0)
        {
            faults.Add("--in", $"'{pattern}' matches no file");
        }
        var files = new List<SourceFile>();
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
            {
                AddFolder(path, files, faults);
            }
            else if (HasKnownEnding(path))
            {
                files.Add(new SourceFile(path, "", []));
            }
            else
            {
                faults.Add("--in", $"'{path}' has an unknown extension; supported are {string.Join(", ", Endings)}");
            }
        }
        return files;
    }

    private static List<string> Glob(string pattern)
    {
        var (folder, name) = (Path.GetDirectoryName(pattern), Path.GetFileName(pattern));
        folder = string.IsNullOrEmpty(folder) ? "." : folder;
        return Directory.Exists(folder) && name.AsSpan().ContainsAny("*?")
            ? [.. Directory.EnumerateFileSystemEntries(folder, name).Order(StringComparer.Ordinal)]
            : [];
    }

    private static void AddFolder(string folder, List<SourceFile> files, Faults faults)
    {
        var before = files.Count;
        var paths = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(HasKnownEnding)
            .Select(path => (Path: path, Parts: Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar)))
            .Where(file => !file.Parts.Any(part => part[0] is '_' or '.'))
            .OrderBy(file => file.Path, StringComparer.Ordinal);
        // The folder's own name may be a partition, if only one partition is imported.
        var own = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        files.AddRange(paths.Select(file => new SourceFile(file.Path, "", [.. PartitionsOf([own, .. file.Parts.SkipLast(1)])])));
        if (files.Count == before)
        {
            faults.Add("--in", $"the folder '{folder}' holds no file with a supported extension: {string.Join(", ", Endings)}");
        }
    }

    private static IEnumerable<(string Column, string Value)> PartitionsOf(IEnumerable<string> folders)
    {
        // Written so by Hive, Spark and others for a missing value.
        const string missing = "__HIVE_DEFAULT_PARTITION__";
        foreach (var folder in folders)
        {
            var equals = folder.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                var value = Uri.UnescapeDataString(folder[(equals + 1)..]);
                yield return (Uri.UnescapeDataString(folder[..equals]), value == missing ? "" : value);
            }
        }
    }

    private static IEnumerable<SourceFile> Expand(SourceFile file, Faults faults)
    {
        if (!file.Path.EndsWith(Zip, StringComparison.OrdinalIgnoreCase))
        {
            return [file];
        }
        try
        {
            using var archive = ZipFile.OpenRead(file.Path);
            var entries = archive.Entries.Where(entry => entry.Length > 0 || !entry.FullName.EndsWith('/')).Select(entry => entry.FullName)
                .Where(IsText).Order(StringComparer.Ordinal).ToList();
            if (entries.Count == 0)
            {
                faults.Add("--in", $"'{file.Path}' holds no file that ends in {string.Join(", ", Texts)}; extract it first");
            }
            return [.. entries.Select(entry => file with { Entry = entry })];
        }
        catch (InvalidDataException)
        {
            faults.Add("--in", $"'{file.Path}' is not a readable ZIP archive; copy it again");
            return [];
        }
    }

    // macOS adds a folder __MACOSX with files of the same names that hold no rows.
    private static bool IsText(string entry) =>
        Texts.Any(ending => entry.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
        && !entry.StartsWith("__MACOSX/", StringComparison.Ordinal);

    private static bool HasKnownEnding(string path) => Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}
