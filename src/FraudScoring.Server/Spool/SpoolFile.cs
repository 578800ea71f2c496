using System.Globalization;
using Microsoft.Data.Sqlite;

namespace FraudScoring.Server.Spool;

/// <summary>
/// A queue of Kafka records in a SQLite database: appended at its end, read in order, deleted from its beginning. Used by one thread, which
/// it blocks.
/// </summary>
/// <remarks>
/// SQLite rather than a log of our own: what matters is the recovery after a crash, and SQLite's is proven. Every commit is on disk
/// (write-ahead log, synchronous=FULL). The head of the queue is the least number in the table, so there is no second file to keep in step.
/// The file is locked exclusively: a second process fails to open it instead of sending the same records.
/// </remarks>
internal sealed class SpoolFile : IDisposable
{
    /// <summary>A file that has grown beyond this is deleted when it is empty: SQLite's files do not shrink by themselves.</summary>
    private const long CompactBytes = 64 * 1024 * 1024;

    /// <summary>Disk space that is never used for records: deleting them writes to the log, too.</summary>
    private const long ReservedBytes = 8 * SpoolCommands.PageSize;

    // Results of SQLite, https://sqlite.org/rescode.html.
    private const int Error = 1, Busy = 5, ReadOnly = 8, CorruptFile = 11, FullFile = 13, NotADatabase = 26;

    private readonly string _path;
    private readonly long _maxBytes;
    private readonly DriveInfo _disk;
    private readonly SpoolChecksum _checksum = new();
    private SqliteConnection _connection;
    private SpoolCommands _commands;
    private long _first, _last, _pageBytes;
    // The last number is greater than that of the newest row after rows at the end were lost to damage.
    private long _newest;
    private bool _isClosed;

    private SpoolFile(string path, long maxBytes)
    {
        (_path, _maxBytes, _disk) = (path, maxBytes, new DriveInfo(System.IO.Path.GetDirectoryName(path)!));
        (_connection, _commands) = Connect();
    }

    /// <summary>Number of the oldest record; greater than <see cref="Last"/> if the spool is empty.</summary>
    public long First => _first;

    /// <summary>Number of the newest record ever; 0 if there was none.</summary>
    public long Last => _last;

    /// <summary>Records in the spool.</summary>
    public long Count => Math.Max(0, _last - _first + 1);

    /// <summary>Bytes that the records take.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>The share of the space it may use, which is its maximum size or less if the disk has less.</summary>
    public double UsedShare => UsedBytes / (double)Math.Min(_maxBytes, _pageBytes + Math.Max(0, FreeBytes));

    /// <summary>True if the disk has nearly no space left.</summary>
    public bool IsDiskShort => FreeBytes < ReservedBytes;

    /// <summary>What failed last, in SQLite's words.</summary>
    public string Reason { get; private set; } = "";

    public string Path => _path;

    private string LogPath => $"{_path}-wal";

    /// <summary>Space on the disk for more pages; a checkpoint needs room for those that are only in the log so far.</summary>
    private long FreeBytes
    {
        get
        {
            try
            {
                return _disk.AvailableFreeSpace - Math.Max(0, _pageBytes - new FileInfo(_path).Length) - ReservedBytes;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not known: the next write tells.
                return _maxBytes;
            }
        }
    }

    /// <summary>Opens a file, or creates it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">Its maximum size, in bytes.</param>
    /// <param name="file">The open file, if the outcome is Done.</param>
    /// <param name="reason">What failed, otherwise.</param>
    public static SpoolOutcome TryOpen(string path, long maxBytes, out SpoolFile? file, out string reason)
    {
        (file, reason) = (null, "");
        try
        {
            file = new SpoolFile(path, maxBytes);
            return SpoolOutcome.Done;
        }
        catch (SqliteException e)
        {
            reason = e.Message;
            return OutcomeOf(e);
        }
    }

    /// <summary>Appends records in one transaction, and deletes up to a number in the same one.</summary>
    /// <param name="records">The records; the first gets the number <see cref="Last"/> + 1.</param>
    /// <param name="deleteThrough">Greatest number to delete; 0 for none.</param>
    public SpoolOutcome Append(IReadOnlyList<SpooledRecord> records, long deleteThrough = 0)
    {
        if (!HasSpaceFor(records))
        {
            Reason = "the disk has too little space left";
            return SpoolOutcome.Full;
        }
        var last = _last;
        return Run(() =>
        {
            if (deleteThrough >= _first)
            {
                _commands.Delete(deleteThrough);
            }
            for (var i = 0; i < records.Count; i++)
            {
                var record = records[i];
                last++;
                _commands.Insert(last, record, _checksum.Compute(last, record));
            }
        }, () =>
        {
            _first = Math.Max(_first, (deleteThrough >= _newest ? Math.Max(deleteThrough, _last) : deleteThrough) + 1);
            (_last, _newest) = (last, records.Count > 0 ? last : _newest);
        });
    }

    /// <summary>Stores rows under the numbers they have, except those whose number is taken.</summary>
    public SpoolOutcome Restore(IReadOnlyList<SpoolRow> rows) => Run(
        () =>
        {
            foreach (var row in rows)
            {
                _commands.Insert(row.Seq, row.Record, _checksum.Compute(row.Seq, row.Record));
            }
        },
        () => (_first, _last) = _commands.Ends(out _));

    /// <summary>Lets new records go on after a number that is not in the file.</summary>
    public void GoOnAfter(long last)
    {
        _last = Math.Max(_last, last);
        if (_newest < _first)
        {
            _first = _last + 1;
            Try(() => _commands.Continue(_last));
        }
    }

    /// <summary>The number of rows in the file, which is less than <see cref="Count"/> if some were lost to damage.</summary>
    /// <exception cref="SqliteException">The file cannot be read.</exception>
    public long CountRows() => _commands.CountRows();

    /// <summary>Deletes every record up to a number.</summary>
    public SpoolOutcome DeleteThrough(long seq) => Append([], seq);

    /// <summary>Writes a little, to find out whether the disk takes writes again.</summary>
    public SpoolOutcome Probe() => Run(_commands.Touch, () => { });

    /// <summary>
    /// Reads records in order. Corrupt if a checksum or the order of the numbers is wrong, or the last records are not found: then SQLite
    /// may miss other rows, too, so no single row can be trusted.
    /// </summary>
    /// <param name="after">The number before the first to read.</param>
    /// <param name="most">Most records to read.</param>
    /// <param name="rows">Receives the records, also those before a damaged one.</param>
    public SpoolOutcome Read(long after, int most, ICollection<SpoolRow> rows)
    {
        var isIntact = true;
        var outcome = Guard(() =>
        {
            var read = 0;
            foreach (var (row, checksum) in _commands.Read(after, most))
            {
                isIntact = row.Seq > after && row.Seq <= _last && _checksum.Compute(row.Seq, row.Record) == checksum;
                if (!isIntact)
                {
                    Reason = string.Create(CultureInfo.InvariantCulture, $"the record after number {after} is damaged");
                    return;
                }
                rows.Add(row);
                (after, read) = (row.Seq, read + 1);
            }
            if (read < most && after < _newest)
            {
                isIntact = false;
                Reason = string.Create(CultureInfo.InvariantCulture, $"the records after number {after} are missing");
            }
        });
        return outcome == SpoolOutcome.Done && !isIntact ? SpoolOutcome.Corrupt : outcome;
    }

    /// <summary>Gives disk space back. The spool must be empty.</summary>
    /// <param name="needsSpace">True if the disk is full, so that also a smaller file is deleted.</param>
    public SpoolOutcome Compact(bool needsSpace = false) => Guard(() =>
    {
        if (new FileInfo(_path).Length > (needsSpace ? ReservedBytes : CompactBytes))
        {
            Replace();
            return;
        }
        _commands.Checkpoint();
    });

    /// <summary>Deletes the file, and begins a new one that goes on with its numbers. Needs no disk space.</summary>
    public SpoolOutcome Renew() => Guard(Replace);

    /// <summary>
    /// Moves the log into the database if the disk has nearly no space left. Later there would be too little for it, and the log would
    /// grow with every write.
    /// </summary>
    public void SaveSpace()
    {
        if (FreeBytes < ReservedBytes && File.Exists(LogPath) && new FileInfo(LogPath).Length > 0)
        {
            Checkpoint();
        }
    }

    /// <summary>Moves the log into the database, and truncates it.</summary>
    public SpoolOutcome Checkpoint() => Guard(_commands.Checkpoint);

    /// <inheritdoc />
    public void Dispose() => Close();

    private void Close()
    {
        _isClosed = true;
        _commands.Dispose();
        _connection.Dispose();
    }

    private void Replace()
    {
        Close();
        File.Delete(LogPath);
        File.Delete(_path);
        _first = _last + 1;
        Reopen();
    }

    /// <summary>Opens the file again, and goes on with the numbers.</summary>
    private void Reopen()
    {
        var (first, last, newest) = (_first, _last, _newest);
        try
        {
            (_connection, _commands) = Connect();
            _isClosed = false;
        }
        catch
        {
            (_first, _last, _newest) = (first, last, newest);
            throw;
        }
        GoOnAfter(last);
    }

    private (SqliteConnection, SpoolCommands) Connect()
    {
        CreateFile();
        var settings = new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false, DefaultTimeout = 1 };
        var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            var commands = new SpoolCommands(connection, _maxBytes);
            Try(commands.Touch);
            (_first, _last) = commands.Ends(out var isComplete);
            _newest = _last;
            if (!isComplete)
            {
                throw new SqliteException("The last records are missing.", CorruptFile);
            }
            (_pageBytes, UsedBytes) = commands.Bytes();
            return (connection, commands);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Creates the file, if it does not exist, for its user alone: records hold tokens of payers. SQLite's log gets the same mode.
    /// </summary>
    private void CreateFile()
    {
        if (!File.Exists(_path) && !OperatingSystem.IsWindows())
        {
            new FileStream(_path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }).Dispose();
        }
    }

    /// <summary>Writes what can also be written later.</summary>
    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (SqliteException e) when (e.SqliteErrorCode == FullFile)
        {
            // Its records can be read and delivered, which frees the space.
        }
    }

    /// <summary>
    /// True if deleted rows leave room for the records, or the disk does: for their pages, once in the log and once in the database. A log
    /// that has taken the last space could no longer be moved into the database.
    /// </summary>
    private bool HasSpaceFor(IReadOnlyList<SpooledRecord> records)
    {
        var bytes = 0L;
        for (var i = 0; i < records.Count; i++)
        {
            bytes += records[i].Headers.Length + (records[i].Value?.Length ?? 0);
        }
        return bytes <= _pageBytes - UsedBytes || 3 * bytes <= FreeBytes;
    }

    /// <summary>Runs work in a transaction. After a failure nothing of it is stored.</summary>
    private SpoolOutcome Run(Action work, Action committed)
    {
        var outcome = Guard(() =>
        {
            _commands.Begin();
            work();
            _commands.Commit();
            committed();
            (_pageBytes, UsedBytes) = _commands.Bytes();
        });
        if (outcome != SpoolOutcome.Done)
        {
            Guard(_commands.RollBack);
        }
        return outcome;
    }

    private SpoolOutcome Guard(Action work)
    {
        try
        {
            if (_isClosed)
            {
                Reopen();
            }
            work();
            return SpoolOutcome.Done;
        }
        catch (SqliteException e)
        {
            Reason = string.Create(CultureInfo.InvariantCulture, $"SQLite result {e.SqliteExtendedErrorCode}: {e.Message.TrimEnd('.')}");
            return OutcomeOf(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Reason = e.Message.TrimEnd('.');
            return SpoolOutcome.DiskFailed;
        }
    }

    private static SpoolOutcome OutcomeOf(SqliteException failure) => failure.SqliteErrorCode switch
    {
        FullFile => SpoolOutcome.Full,
        Busy => SpoolOutcome.InUse,
        // Damage to the header or the schema also looks like a file of a later release (Error, ReadOnly) or a missing table (Error). If it
        // is the file system that is read-only, the file cannot be set aside either, which says so.
        CorruptFile or NotADatabase or ReadOnly or Error => SpoolOutcome.Corrupt,
        _ => SpoolOutcome.DiskFailed,
    };
}
