using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing.Sources;

/// <summary>A Parquet file, read by DuckDB.</summary>
internal sealed class ParquetTable : SourceTable
{
    private readonly ImportDatabase _database;
    private readonly string _from;
    private readonly List<string> _select;

    private ParquetTable(SourceFile file, ImportDatabase database, string from, List<string> select, long rows)
        : base(file) => (_database, _from, _select, Size) = (database, from, select, rows);

    /// <inheritdoc />
    public override string Unit => "row";

    /// <inheritdoc />
    public override long Size { get; }

    /// <inheritdoc />
    public override IEnumerable<string> Notes => [];

    /// <summary>Opens a file and finds the columns in it; null, with faults, if one is missing or holds no single values.</summary>
    public static ParquetTable? Open(SourceFile file, SourceColumns columns, ImportDatabase database, Faults faults)
    {
        var path = ImportDatabase.Text(file.Path);
        var header = Describe(file, database);
        var before = faults.Count;
        var positions = Find(columns, [.. header.Select(column => column.Name)], file, faults);
        for (var i = 0; i < positions.Count; i++)
        {
            if (positions[i] >= 0 && positions[i] < header.Count && !IsSingle(header[positions[i]].Type))
            {
                faults.Add(columns.Paths[i], $"names the column '{columns.Names[i]}', which holds lists or structures in {file.Name}; "
                    + "export its parts as columns of their own");
            }
        }
        if (faults.Count > before)
        {
            return null;
        }
        var rows = database.Query($"SELECT num_rows FROM parquet_file_metadata({path})",
            reader => reader.GetInt64(0), CancellationToken.None);
        return new ParquetTable(file, database, From(file), [.. positions.Select(at => at < 0 ? "''" : at < header.Count
            ? TextOf(header[at].Name, header[at].Type)
            : ImportDatabase.Text(file.Partitions[at - header.Count].Value))], rows.ToList()[0]);
    }

    /// <summary>The names of the columns that hold single values.</summary>
    public static IReadOnlyList<string> NamesOf(SourceFile file, ImportDatabase database) =>
        [.. Describe(file, database).Where(column => IsSingle(column.Type)).Select(column => column.Name)];

    private static List<(string Name, string Type)> Describe(SourceFile file, ImportDatabase database) => [.. database.Query(
        $"DESCRIBE SELECT * FROM {From(file)}", reader => (reader.GetString(0), reader.GetString(1)), CancellationToken.None)];

    // Folders are read by SourceFiles, for CSV files as well.
    private static string From(SourceFile file) => $"read_parquet({ImportDatabase.Text(file.Path)}, hive_partitioning=false)";

    /// <inheritdoc />
    public override IEnumerable<SourceRow> Read(CancellationToken cancellation)
    {
        var texts = new string[_select.Count];
        var rows = _database.Query($"SELECT {string.Join(", ", _select)} FROM {_from}", reader =>
        {
            for (var i = 0; i < texts.Length; i++)
            {
                texts[i] = reader.IsDBNull(i) ? "" : reader.GetString(i);
            }
            return texts;
        }, cancellation);
        long row = 0;
        foreach (var found in rows)
        {
            yield return new SourceRow(++row, found, null);
        }
        if (row != Size)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"{File.Name} has {Size} rows by its metadata, but {row} were read; export it again"));
        }
    }

    private static bool IsSingle(string type) =>
        !type.Contains('[', StringComparison.Ordinal) && !type.StartsWith("STRUCT", StringComparison.Ordinal)
        && !type.StartsWith("MAP", StringComparison.Ordinal) && !type.StartsWith("UNION", StringComparison.Ordinal);

    /// <summary>
    /// Some writers, such as old versions of Spark, Impala and Hive, do not mark texts as such: they look like bytes.
    /// </summary>
    private static string TextOf(string name, string type)
    {
        var column = $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        return type == "BLOB" ? $"coalesce(TRY(decode({column})), CAST({column} AS VARCHAR))" : $"CAST({column} AS VARCHAR)";
    }
}
