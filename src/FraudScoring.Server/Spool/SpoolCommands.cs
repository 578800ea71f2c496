using System.Globalization;
using Microsoft.Data.Sqlite;

namespace FraudScoring.Server.Spool;

/// <summary>The prepared statements of a spool file. Each throws a <see cref="SqliteException"/> if SQLite fails.</summary>
internal sealed class SpoolCommands : IDisposable
{
    /// <summary>Size of a page in bytes. A decision of about a kilobyte fills a page of 4096 badly.</summary>
    public const int PageSize = 8192;

    /// <summary>Selects what <see cref="RowOf"/> reads.</summary>
    public const string SelectRows = "SELECT seq, topic, key, headers, value, crc FROM spool";

    private const long LogBytes = 4 * 1024 * 1024;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin, _commit, _insert, _delete, _read, _writeEnds, _pages, _freePages;

    /// <summary>Configures the connection, and creates the tables in a new file.</summary>
    /// <param name="connection">The open connection.</param>
    /// <param name="maxBytes">Maximum size of the file, in bytes.</param>
    /// <param name="initial">The numbers of a new file.</param>
    public SpoolCommands(SqliteConnection connection, long maxBytes, SpoolNumbers initial)
    {
        _connection = connection;
        Configure(maxBytes);
        CreateTables(initial);
        (_begin, _commit) = (Prepare("BEGIN IMMEDIATE"), Prepare("COMMIT"));
        _insert = Prepare(
            "INSERT OR IGNORE INTO spool(seq, topic, key, headers, value, crc) VALUES ($seq, $topic, $key, $headers, $value, $crc)",
            ("$seq", SqliteType.Integer), ("$topic", SqliteType.Text), ("$key", SqliteType.Blob), ("$headers", SqliteType.Blob),
            ("$value", SqliteType.Blob), ("$crc", SqliteType.Integer));
        _delete = Prepare("DELETE FROM spool WHERE seq <= $seq", ("$seq", SqliteType.Integer));
        _read = Prepare(
            $"{SelectRows} WHERE seq > $seq ORDER BY seq LIMIT $most",
            ("$seq", SqliteType.Integer), ("$most", SqliteType.Integer));
        _writeEnds = Prepare(WriteTo(SpoolNote.Ends), ("$content", SqliteType.Blob), ("$crc", SqliteType.Integer));
        (_pages, _freePages) = (Prepare("PRAGMA page_count"), Prepare("PRAGMA freelist_count"));
    }

    public void Begin() => _begin.ExecuteNonQuery();

    public void Commit() => _commit.ExecuteNonQuery();

    /// <summary>Rolls back, unless SQLite has done so already.</summary>
    public void RollBack()
    {
        if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0)
        {
            Execute("ROLLBACK");
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

    /// <summary>The numbers of the file.</summary>
    public SpoolNumbers ReadNumbers()
    {
        var ends = SpoolNumbers.ReadEnds(ReadNote(_connection, SpoolNote.Ends));
        var gaps = SpoolNumbers.ReadGaps(ReadNote(_connection, SpoolNote.Gaps));
        if (ends is { } known && gaps is { } list)
        {
            var numbers = new SpoolNumbers(known.Deleted, known.Last, list);
            if (numbers.Missing == known.Missing)
            {
                return numbers;
            }
        }
        throw new SqliteException("The numbers of the records are damaged.", SpoolFailure.CorruptFile);
    }

    /// <summary>Stores the numbers of the file.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <param name="before">The stored ones; null if they are not known.</param>
    public void WriteNumbers(SpoolNumbers numbers, SpoolNumbers? before)
    {
        Bind(_writeEnds, numbers.WriteEnds());
        _writeEnds.ExecuteNonQuery();
        if (numbers.Gaps != before?.Gaps)
        {
            WriteNote(SpoolNote.Gaps, numbers.WriteGaps());
        }
    }

    /// <summary>Stores a note.</summary>
    /// <param name="note">The note.</param>
    /// <param name="content">Its content; null to delete it.</param>
    public void WriteNote(SpoolNote note, byte[]? content)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = content is null ? $"DELETE FROM {note.Table} WHERE id = {note.Id}" : WriteTo(note);
        if (content is not null)
        {
            command.Parameters.Add("$content", SqliteType.Blob);
            command.Parameters.Add("$crc", SqliteType.Integer);
            Bind(command, content);
        }
        command.ExecuteNonQuery();
    }

    /// <summary>Reads a note.</summary>
    /// <returns>Null if there is none, or its checksum is wrong.</returns>
    public static byte[]? ReadNote(SqliteConnection connection, SpoolNote note)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT content, crc FROM {note.Table} WHERE id = {note.Id}";
        using var reader = command.ExecuteReader();
        return reader.Read() && Bytes(reader, 0) is { } content && reader.GetValue(1) is long crc && crc == SpoolChecksum.Compute(content)
            ? content
            : null;
    }

    public byte[]? ReadNote(SpoolNote note) => ReadNote(_connection, note);

    /// <summary>The least and the greatest number in the table; null if it is empty.</summary>
    public (long? Least, long? Greatest) Range() =>
        (Scalar("SELECT min(seq) FROM spool") as long?, Scalar("SELECT max(seq) FROM spool") as long?);

    /// <summary>The number of rows in the table.</summary>
    public long CountRows() => Scalar("SELECT count(*) FROM spool") as long? ?? 0;

    /// <summary>The numbers in the table, in ascending order.</summary>
    public IEnumerable<long> ReadSeqs()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT seq FROM spool ORDER BY seq";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return reader.GetInt64(0);
        }
    }

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
        foreach (var command in new[] { _begin, _commit, _insert, _delete, _read, _writeEnds, _pages, _freePages })
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
        // Takes the exclusive lock now, so that a second process fails here.
        Execute("BEGIN IMMEDIATE; COMMIT");
    }

    /// <summary>
    /// Creates the tables, always with the same first page. A file with more than that page has them, or is damaged: new ones would hide
    /// the records.
    /// </summary>
    private void CreateTables(SpoolNumbers initial)
    {
        if (Scalar("PRAGMA page_count") is not (0L or 1L))
        {
            return;
        }
        const string columns = "(id INTEGER PRIMARY KEY, content BLOB NOT NULL, crc INTEGER NOT NULL)";
        Execute("BEGIN IMMEDIATE");
        try
        {
            Execute("CREATE TABLE spool(seq INTEGER PRIMARY KEY, topic TEXT NOT NULL, key BLOB, headers BLOB NOT NULL, value BLOB, "
                + "crc INTEGER NOT NULL)");
            Execute($"CREATE TABLE {SpoolNote.Ends.Table}{columns}");
            Execute($"CREATE TABLE {SpoolNote.Gaps.Table}{columns}");
            WriteNote(SpoolNote.Ends, initial.WriteEnds());
            WriteNote(SpoolNote.Gaps, initial.WriteGaps());
            Execute("COMMIT");
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    private static string WriteTo(SpoolNote note) =>
        $"INSERT OR REPLACE INTO {note.Table}(id, content, crc) VALUES ({note.Id}, $content, $crc)";

    private static void Bind(SqliteCommand command, byte[] content)
    {
        command.Parameters[0].Value = content;
        command.Parameters[1].Value = SpoolChecksum.Compute(content);
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

/// <summary>Place of what a spool file holds besides records: a row with a checksum of its own.</summary>
internal readonly record struct SpoolNote(string Table, int Id)
{
    /// <summary>The numbers of the records. In another page than the gaps, so that a damaged page leaves one of them.</summary>
    public static readonly SpoolNote Ends = new("ends", 1);

    /// <summary>The gaps in the numbers.</summary>
    public static readonly SpoolNote Gaps = new("gaps", 1);

    /// <summary>The <see cref="SpoolReport"/> of a replacement that is not counted yet.</summary>
    public static readonly SpoolNote Report = new("gaps", 2);
}
