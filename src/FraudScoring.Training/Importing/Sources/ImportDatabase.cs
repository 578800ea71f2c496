using System.Data;
using DuckDB.NET.Data;

namespace FraudScoring.Training.Importing.Sources;

/// <summary>
/// A DuckDB database in a temporary folder. It reads the source files, and stores and sorts the rows on disk, so that their number is not
/// limited by memory. Disposing deletes the folder.
/// </summary>
internal sealed class ImportDatabase : IDisposable
{
    private readonly string _folder;
    private readonly DuckDBConnection _connection;
    private readonly DuckDBConnection _appending;

    /// <param name="output">
    /// The file to be written. The temporary folder is created next to it, on a disk that must have room for the result anyway.
    /// </param>
    /// <param name="memoryMb">Memory limit of DuckDB, in MiB.</param>
    /// <exception cref="IOException">The folder of that file does not exist or is not writable.</exception>
    public ImportDatabase(string output, int memoryMb)
    {
        var path = Path.GetFullPath(output);
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

    /// <summary>A text as an SQL literal.</summary>
    public static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    public void Execute(string sql)
    {
        using var command = Command(sql);
        command.ExecuteNonQuery();
    }

    /// <summary>Streams the rows of a query; DuckDB computes them as they are enumerated.</summary>
    /// <param name="sql">The query.</param>
    /// <param name="read">Converts the current row.</param>
    /// <param name="cancellation">Interrupts the query, even while it sorts.</param>
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
    /// Appends to a table. The appender has its own connection: its writes are statements, and a statement would end the query whose rows
    /// are being read on the same connection.
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
