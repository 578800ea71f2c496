using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing.Sources;

/// <summary>A source file as a table of texts.</summary>
internal abstract class SourceTable(SourceFile file)
{
    /// <summary>The file.</summary>
    public SourceFile File => file;

    /// <summary>What <see cref="SourceRow.Position"/> counts: <c>line</c> or <c>row</c>.</summary>
    public abstract string Unit { get; }

    /// <summary>Number of lines or rows in the file, for showing progress.</summary>
    public abstract long Size { get; }

    /// <summary>What a user should know about how the file was read; complete when all rows were read.</summary>
    public abstract IEnumerable<string> Notes { get; }

    /// <summary>All rows in order. The array of texts is reused for the next row.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or not all of it was accounted for.</exception>
    public abstract IEnumerable<SourceRow> Read(CancellationToken cancellation);

    /// <summary>
    /// Finds columns by name among those of the file and of its folders. A column of the file comes before one of a folder.
    /// </summary>
    /// <returns>
    /// The position of each column, counted on through the partitions; -1 for those that are not in a file, and, with a fault, those that
    /// are missing.
    /// </returns>
    protected static List<int> Find(SourceColumns columns, IReadOnlyList<string> header, SourceFile file, Faults faults)
    {
        List<string> names = [.. header, .. file.Partitions.Select(partition => partition.Column)];
        return [.. columns.Names.Select((column, i) =>
            column is null ? -1 : Find(column, columns.Paths[i], names, header.Count, file, faults))];
    }

    private static int Find(string column, string mappingPath, List<string> names, int own, SourceFile file, Faults faults)
    {
        var at = names.IndexOf(column);
        if (at < 0)
        {
            faults.Add(mappingPath, $"names the column '{column}', but the columns of {file.Name} are {ColumnNames.Show(names)}");
        }
        else if (at < own && names.LastIndexOf(column, own - 1) != at)
        {
            faults.Add(mappingPath, $"names the column '{column}', which occurs more than once in {file.Name}");
        }
        return at;
    }
}

/// <summary>The columns to read.</summary>
/// <param name="Names">Their names; null for a text that is not in the file.</param>
/// <param name="Paths">Where the mapping first uses each, as a JSON path.</param>
internal sealed record SourceColumns(IReadOnlyList<string?> Names, IReadOnlyList<string> Paths);

/// <summary>A row of a table.</summary>
/// <param name="Position">Number of its line (in a text) or of the row, starting at 1.</param>
/// <param name="Texts">The texts of the columns to read; empty for a missing value. Undefined if there is a problem.</param>
/// <param name="Problem">Why the row is malformed; null if it is not.</param>
internal readonly record struct SourceRow(long Position, string[] Texts, string? Problem);
