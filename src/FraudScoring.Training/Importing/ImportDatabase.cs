using System.Data;
using DuckDB.NET.Data;

namespace FraudScoring.Training.Importing;

/// <summary>
/// A DuckDB in a temporary folder: it reads the source files, and holds and sorts the rows on disk, so that memory bounds neither. The
/// folder is deleted when this is disposed.
/// </summary>
internal sealed class ImportDatabase : IDisposable
{
    private readonly string _folder;
    private readonly DuckDBConnection _connection;
    private readonly DuckDBConnection _appending;

    /// <param name="beside">The file beside which the folder is made, so that it is on the same disk.</param>
    /// <param name="memoryMb">What DuckDB may hold in memory.</param>
    /// <exception cref="IOException">The folder of that file does not exist or cannot be written to.</exception>
    public ImportDatabase(string beside, int memoryMb)
    {
        var path = Path.GetFullPath(beside);
        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            throw new IOException($"the folder of {path} does not exist; create it first.");
        }
        _folder = $"{path}.{Guid.NewGuid():N}.sorting";
        Directory.CreateDirectory(_folder);
        _connection = new DuckDBConnection($"DataSource={Path.Combine(_folder, "rows.duckdb")}");
        _appending = new DuckDBConnection(_connection.ConnectionString);
        try
        {
            _connection.Open();
            _appending.Open();
            Execute(FormattableString.Invariant(
                $"SET memory_limit = '{memoryMb}MiB'; SET temp_directory = {Text(Path.Combine(_folder, "spill"))}; SET TimeZone = 'UTC'"));
        }
        catch (DuckDBException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>A text as SQL writes it.</summary>
    public static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    public void Execute(string sql)
    {
        using var command = Command(sql);
        command.ExecuteNonQuery();
    }

    /// <summary>Reads the rows of a query one by one; they are made as they are asked for.</summary>
    /// <param name="sql">The query.</param>
    /// <param name="read">Makes something of the current row.</param>
    /// <param name="cancellation">Interrupts the query, also while it sorts.</param>
    public IEnumerable<T> Query<T>(string sql, Func<DuckDBDataReader, T> read, CancellationToken cancellation)
    {
        using var command = Command(sql);
        command.UseStreamingMode = true;
        using var interrupt = cancellation.Register(command.Cancel);
        using var reader = command.ExecuteReader(CommandBehavior.Default);
        while (reader.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            yield return read(reader);
        }
    }

    /// <summary>
    /// Appends to a table. It writes as it goes, and a statement ends the query whose rows are being read on the same connection, so it
    /// has one of its own.
    /// </summary>
    public DuckDBAppender Appender(string table) => _appending.CreateAppender(table);

    /// <inheritdoc />
    public void Dispose()
    {
        _appending.Dispose();
        _connection.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private DuckDBCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
