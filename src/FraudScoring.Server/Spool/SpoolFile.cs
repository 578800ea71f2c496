using System.Globalization;
using Microsoft.Data.Sqlite;

namespace FraudScoring.Server.Spool;

/// <summary>
/// A queue of Kafka records in a SQLite database: appended at its end, read in order, deleted from its beginning. Used by one thread, which
/// it blocks.
/// </summary>
/// <remarks>
/// SQLite rather than a log of our own: what matters is the recovery after a crash, and SQLite's is proven. Every commit is on disk
/// (write-ahead log, synchronous=FULL). The file also notes the numbers of its records, in the transaction that changes them, so there is
/// no second file to keep in step. It is locked exclusively: a second process fails to open it instead of sending the same records.
/// </remarks>
internal sealed class SpoolFile : IDisposable
{
    /// <summary>Bytes after which a read ends: dead letters may be large.</summary>
    public const long MostReadBytes = 4 * 1024 * 1024;

    /// <summary>A file that has grown beyond this is deleted when it is empty: SQLite's files do not shrink by themselves.</summary>
    private const long CompactBytes = 64 * 1024 * 1024;

    private readonly string _path;
    private readonly long _maxBytes;
    private readonly SpoolSpace _space;
    private readonly SpoolChecksum _checksum = new();
    private SqliteConnection _connection;
    private SpoolCommands _commands;
    private bool _isClosed;

    private SpoolFile(string path, long maxBytes)
    {
        (_path, _maxBytes, _space) = (path, maxBytes, new SpoolSpace(path, maxBytes));
        (_connection, _commands) = Connect();
    }

    /// <summary>Which records the file has.</summary>
    public SpoolNumbers Numbers { get; private set; } = SpoolNumbers.None;

    /// <summary>Number of the oldest record; greater than <see cref="Last"/> if the spool is empty.</summary>
    public long First => Numbers.Deleted + 1;

    /// <summary>Number of the newest record ever; 0 if there was none.</summary>
    public long Last => Numbers.Last;

    /// <summary>Records in the spool.</summary>
    public long Count => Numbers.Count;

    public SpoolSpace Space => _space;

    /// <summary>What replaced a corrupt file with this one, until it is deleted; null if nothing did.</summary>
    public SpoolReport? Report { get; private set; }

    /// <summary>What failed last, in SQLite's words.</summary>
    public string Reason { get; private set; } = "";

    public string Path => _path;

    private string LogPath => $"{_path}-wal";

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
            return SpoolFailure.OutcomeOf(e);
        }
    }

    /// <summary>Appends records in one transaction, and deletes up to a number in the same one.</summary>
    /// <param name="records">The records; the first gets the number <see cref="Last"/> + 1.</param>
    /// <param name="deleteThrough">Greatest number to delete; 0 for none.</param>
    public SpoolOutcome Append(IReadOnlyList<SpooledRecord> records, long deleteThrough = 0)
    {
        if (!_space.HasRoomFor(records.Sum(record => record.Bytes)))
        {
            Reason = "the disk has too little space left";
            return SpoolOutcome.Full;
        }
        var after = Numbers;
        return Run(() =>
        {
            var before = Numbers;
            after = before.Delete(deleteThrough).Append(records.Count);
            if (after.Deleted > before.Deleted)
            {
                _commands.Delete(after.Deleted);
            }
            for (var i = 0; i < records.Count; i++)
            {
                var seq = before.Last + 1 + i;
                _commands.Insert(seq, records[i], _checksum.Compute(seq, records[i]));
            }
            if (after != before)
            {
                _commands.WriteNumbers(after, before);
            }
        }, () => Numbers = after);
    }

    /// <summary>
    /// Stores rows under the numbers they have, except those whose number is taken. <see cref="Complete"/> makes them valid.
    /// </summary>
    public SpoolOutcome Restore(IReadOnlyList<SpoolRow> rows) => Run(
        () =>
        {
            foreach (var row in rows)
            {
                _commands.Insert(row.Seq, row.Record, _checksum.Compute(row.Seq, row.Record));
            }
        },
        () => { });

    /// <summary>Deletes restored rows up to a number.</summary>
    public SpoolOutcome DeleteRestored(long through) => Run(() => _commands.Delete(through), () => { });

    /// <summary>Ends a series of <see cref="Restore"/>: the numbers without a row become gaps.</summary>
    /// <param name="deleted">Greatest number that was deleted.</param>
    /// <param name="last">Greatest number ever given.</param>
    /// <param name="report">What is to be counted when the file is opened.</param>
    public SpoolOutcome Complete(long deleted, long last, SpoolReport? report) => Run(
        () =>
        {
            var gaps = new List<SpoolGap>();
            var next = deleted + 1;
            foreach (var seq in _commands.ReadSeqs().Append(last + 1))
            {
                if (seq > next)
                {
                    gaps.Add(new SpoolGap(next, seq - 1));
                }
                next = seq + 1;
            }
            _commands.WriteNumbers(new SpoolNumbers(deleted, last, [.. gaps]), before: null);
            _commands.WriteNote(SpoolNote.Report, report?.Write());
        },
        () => (Numbers, Report) = (_commands.ReadNumbers(), report));

    /// <summary>Deletes the report, which was counted.</summary>
    public SpoolOutcome DeleteReport() => Run(() => _commands.WriteNote(SpoolNote.Report, null), () => Report = null);

    /// <summary>The least and the greatest number in the file; null if it has no rows.</summary>
    /// <exception cref="SqliteException">The file cannot be read.</exception>
    public (long? Least, long? Greatest) Range() => _commands.Range();

    /// <summary>The number of rows in the file.</summary>
    /// <exception cref="SqliteException">The file cannot be read.</exception>
    public long CountRows() => _commands.CountRows();

    /// <summary>Deletes every record up to a number.</summary>
    public SpoolOutcome DeleteThrough(long seq) => Append([], seq);

    /// <summary>Writes a little, to find out whether the disk takes writes again.</summary>
    public SpoolOutcome Probe() => Run(() => _commands.Touch(), () => { });

    /// <summary>
    /// Reads records in order. Corrupt if a checksum is wrong or a number is missing: then SQLite may miss other rows, too, so no single
    /// row can be trusted.
    /// </summary>
    /// <param name="after">The number before the first to read.</param>
    /// <param name="most">Most records to read; fewer are read if they are large.</param>
    /// <param name="rows">Receives the records, also those before a damaged one.</param>
    public SpoolOutcome Read(long after, int most, ICollection<SpoolRow> rows)
    {
        var fault = "";
        var outcome = Guard(() => fault = ReadRows(after, most, rows));
        if (outcome != SpoolOutcome.Done || fault.Length == 0)
        {
            return outcome;
        }
        Reason = fault;
        return SpoolOutcome.Corrupt;
    }

    private string ReadRows(long after, int most, ICollection<SpoolRow> rows)
    {
        var (next, read, bytes) = (Numbers.NextAfter(after), 0, 0L);
        foreach (var (row, checksum) in _commands.Read(next - 1, most))
        {
            if (row.Seq > next)
            {
                return Fault($"the records {next} to {row.Seq - 1} are missing");
            }
            if (row.Seq < next || _checksum.Compute(row.Seq, row.Record) != checksum)
            {
                return Fault($"record {next} is damaged");
            }
            rows.Add(row);
            (next, read, bytes) = (Numbers.NextAfter(next), read + 1, bytes + row.Record.Bytes);
            if (bytes >= MostReadBytes)
            {
                return "";
            }
        }
        return read < most && next <= Last ? Fault($"the records from {next} on are missing") : "";

        static string Fault(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Gives disk space back. The spool must be empty.</summary>
    /// <param name="needsSpace">True if the disk is full, so that also a smaller file is deleted.</param>
    public SpoolOutcome Compact(bool needsSpace = false) => Guard(() =>
    {
        if (new FileInfo(_path).Length > (needsSpace ? SpoolSpace.ReservedBytes : CompactBytes))
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
        if (_space.IsDiskShort && File.Exists(LogPath) && new FileInfo(LogPath).Length > 0)
        {
            Checkpoint();
        }
    }

    /// <summary>Moves the log into the database, and truncates it.</summary>
    public SpoolOutcome Checkpoint() => Guard(() => _commands.Checkpoint());

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
        Numbers = Numbers.Delete(Last);
        Reopen();
    }

    private void Reopen()
    {
        (_connection, _commands) = Connect();
        _isClosed = false;
    }

    private (SqliteConnection, SpoolCommands) Connect()
    {
        SpoolRecovery.Resume(_path);
        CreateFile();
        var settings = new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false, DefaultTimeout = 1 };
        var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            // A file that is opened again and has to have records is not replaced by a new one unnoticed.
            var commands = new SpoolCommands(connection, _maxBytes, Numbers.Count == 0 ? Numbers : SpoolNumbers.None);
            Try(commands.Touch);
            var numbers = commands.ReadNumbers();
            var (least, greatest) = commands.Range();
            var hasEnds = numbers.Count == 0 ? least is null : least == numbers.NextAfter(0) && greatest == numbers.Newest;
            if (!hasEnds || numbers.Last < Last)
            {
                throw new SqliteException("The first or the last records are missing.", SpoolFailure.CorruptFile);
            }
            Report = SpoolReport.Read(commands.ReadNote(SpoolNote.Report));
            Numbers = numbers;
            _space.Update(commands.Bytes());
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
        catch (SqliteException e) when (SpoolFailure.OutcomeOf(e) == SpoolOutcome.Full)
        {
            // Its records can be read and delivered, which frees the space.
        }
    }

    /// <summary>Runs work in a transaction. After a failure nothing of it is stored.</summary>
    private SpoolOutcome Run(Action work, Action committed)
    {
        var outcome = SpoolOutcome.DiskFailed;
        try
        {
            outcome = Guard(() =>
            {
                _commands.Begin();
                work();
                _commands.Commit();
                committed();
                _space.Update(_commands.Bytes());
            });
        }
        finally
        {
            if (outcome != SpoolOutcome.Done)
            {
                RollBack();
            }
        }
        return outcome;
    }

    private void RollBack()
    {
        if (_isClosed)
        {
            return;
        }
        try
        {
            _commands.RollBack();
        }
        catch (SqliteException)
        {
            // The next operation opens the file again.
            Close();
        }
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
            return SpoolFailure.OutcomeOf(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Reason = e.Message.TrimEnd('.');
            return SpoolOutcome.DiskFailed;
        }
    }
}
