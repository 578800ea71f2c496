namespace FraudScoring.Training.Importing.Sources;

/// <summary>A file, or a file within a ZIP archive, that holds a table.</summary>
/// <param name="Path">The file's path.</param>
/// <param name="Entry">Name of the file within the archive; empty if the file is no archive.</param>
/// <param name="Partitions">
/// Columns whose values are in the names of the folders, such as <c>country=ES</c>, and not in the file.
/// </param>
internal sealed record SourceFile(string Path, string Entry, IReadOnlyList<(string Column, string Value)> Partitions)
{
    /// <summary>The path, with the name within the archive, as messages show it.</summary>
    public string Name => Entry.Length == 0 ? Path : $"{Path}/{Entry}";

    /// <summary>The path with all links resolved, which is the same for two names of one file.</summary>
    public static string RealPath(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var parent = System.IO.Path.GetDirectoryName(full);
        if (parent is null)
        {
            return full;
        }
        var real = System.IO.Path.Combine(RealPath(parent), System.IO.Path.GetFileName(full));
        return System.IO.Path.Exists(real) && File.ResolveLinkTarget(real, returnFinalTarget: true) is { } target
            ? RealPath(target.FullName) : real;
    }
}
