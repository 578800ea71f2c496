using System.Globalization;
using Microsoft.Data.Sqlite;

namespace FraudScoring.Server.Spool;

/// <summary>The prepared statements of a spool file. Each throws a <see cref="SqliteException"/> if SQLite fails.</summary>
internal sealed class SpoolCommands : IDisposable
{
    /// <summary>Size of a page in bytes. A decision of about a kilobyte fills a page of 4096 badly.</summary>
    public const int PageSize = 8192;

    private const long LogBytes = 4 * 1024 * 1024;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin, _commit, _rollBack, _insert, _delete, _read, _pages, _freePages;

    /// <summary>Configures the connection, and creates the tables if they do not exist.</summary>
    public SpoolCommands(SqliteConnection connection, long maxBytes)
    {
        _connection = connection;
        Configure(maxBytes);
        (_begin, _commit, _rollBack) = (Prepare("BEGIN IMMEDIATE"), Prepare("COMMIT"), Prepare("ROLLBACK"));
        _insert = Prepare(
            "INSERT OR IGNORE INTO spool(seq, topic, key, headers, value, crc) VALUES ($seq, $topic, $key, $headers, $value, $crc)",
            ("$seq", SqliteType.Integer), ("$topic", SqliteType.Text), ("$key", SqliteType.Blob), ("$headers", SqliteType.Blob),
            ("$value", SqliteType.Blob), ("$crc", SqliteType.Integer));
        _delete = Prepare("DELETE FROM spool WHERE seq <= $seq", ("$seq", SqliteType.Integer));
        _read = Prepare(
            "SELECT seq, topic, key, headers, value, crc FROM spool WHERE seq > $seq ORDER BY seq LIMIT $most",
            ("$seq", SqliteType.Integer), ("$most", SqliteType.Integer));
        (_pages, _freePages) = (Prepare("PRAGMA page_count"), Prepare("PRAGMA freelist_count"));
    }

    public void Begin() => _begin.ExecuteNonQuery();

    public void Commit() => _commit.ExecuteNonQuery();

    /// <summary>Rolls back, unless SQLite has done so already.</summary>
    public void RollBack()
    {
        if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0)
        {
            _rollBack.ExecuteNonQuery();
        }
    }

    public void Insert(long seq, in SpooledRecord record, long checksum)
    {
        var values = _insert.Parameters;
        values[0].Value = seq;
        values[1].Value = record.Topic;
        values[2].Value = (object?)record.Key ?? DBNull.Value;
        values[3].Value = record.Headers;
        values[4].Value = (object?)record.Value ?? DBNull.Value;
        values[5].Value = checksum;
        _insert.ExecuteNonQuery();
    }

    public void Delete(long through)
    {
        _delete.Parameters[0].Value = through;
        _delete.ExecuteNonQuery();
    }

    public IEnumerable<(SpoolRow Row, long Checksum)> Read(long after, int most)
    {
        _read.Parameters[0].Value = after;
        _read.Parameters[1].Value = most;
        using var reader = _read.ExecuteReader();
        while (reader.Read())
        {
            yield return RowOf(reader);
        }
    }

    /// <summary>
    /// A row of (seq, topic, key, headers, value, crc). A damaged page can change the type of a field: such a row fails its checksum.
    /// </summary>
    public static (SpoolRow Row, long Checksum) RowOf(SqliteDataReader reader) => (
        new SpoolRow(
            reader.GetInt64(0),
            new SpooledRecord(reader.GetValue(1) as string ?? "", Bytes(reader, 2), Bytes(reader, 4), Bytes(reader, 3) ?? [])),
        reader.GetValue(5) as long? ?? 0);

    /// <summary>The least number in the table and the greatest ever; the least is one more if the table is empty.</summary>
    /// <param name="isComplete">False if the table has records, but not the last one. Records are deleted from the first one on.</param>
    public (long First, long Last) Ends(out bool isComplete)
    {
        var last = Scalar("SELECT seq FROM sqlite_sequence WHERE name = 'spool'") as long? ?? 0;
        var (least, greatest) = (Scalar("SELECT min(seq) FROM spool") as long?, Scalar("SELECT max(seq) FROM spool") as long?);
        isComplete = greatest is null || greatest == last;
        return (least ?? last + 1, last);
    }

    /// <summary>The number of rows in the table.</summary>
    public long CountRows() => Scalar("SELECT count(*) FROM spool") as long? ?? 0;

    /// <summary>Lets the numbers go on after this one.</summary>
    public void Continue(long last) => Execute(string.Create(CultureInfo.InvariantCulture,
        $"DELETE FROM sqlite_sequence WHERE name = 'spool'; INSERT INTO sqlite_sequence(name, seq) VALUES ('spool', {last})"));

    /// <summary>Changes a number in the header that nothing depends on, which fails if the database cannot be written.</summary>
    public void Touch()
    {
        var version = (long)(Scalar("PRAGMA user_version") ?? 0L);
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={(version + 1) % int.MaxValue}"));
    }

    /// <summary>Bytes of the database's pages, and of those in use; deleted rows free theirs.</summary>
    public (long Pages, long Used) Bytes()
    {
        var pages = (long)_pages.ExecuteScalar()!;
        return (pages * PageSize, (pages - (long)_freePages.ExecuteScalar()!) * PageSize);
    }

    /// <summary>Moves the write-ahead log into the database, and truncates it.</summary>
    public void Checkpoint() => Execute("PRAGMA wal_checkpoint(TRUNCATE)");

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var command in new[] { _begin, _commit, _rollBack, _insert, _delete, _read, _pages, _freePages })
        {
            command.Dispose();
        }
    }

    private void Configure(long maxBytes)
    {
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA page_size={PageSize}"));
        // Before the first access: without it SQLite would share the write-ahead log with other processes through memory.
        Execute("PRAGMA locking_mode=EXCLUSIVE");
        Execute("PRAGMA journal_mode=WAL");
        Execute("PRAGMA synchronous=FULL");
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count={Math.Max(16, maxBytes / PageSize)}"));
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA journal_size_limit={LogBytes}"));
        // AUTOINCREMENT: a plain row id would be used again after the table was empty.
        Execute("CREATE TABLE IF NOT EXISTS spool(seq INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, key BLOB, "
            + "headers BLOB NOT NULL, value BLOB, crc INTEGER NOT NULL)");
        // Takes the exclusive lock now, so that a second process fails here.
        Execute("BEGIN IMMEDIATE; COMMIT");
    }

    private SqliteCommand Prepare(string text, params (string Name, SqliteType Type)[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, type) in parameters)
        {
            command.Parameters.Add(name, type);
        }
        command.Prepare();
        return command;
    }

    private static byte[]? Bytes(SqliteDataReader reader, int column) => reader.GetValue(column) as byte[];

    private object? Scalar(string text)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar() is var value and not DBNull ? value : null;
    }

    private void Execute(string text)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
