using FraudScoring.Core.Payments;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Spool;

/// <summary>
/// The spool of one topic: a <see cref="SpoolFile"/> with what to do when it is full, when the disk fails and when it is corrupt. Used by
/// one thread.
/// </summary>
internal sealed class SpoolQueue : IDisposable
{
    private const double FullShare = 0.95, ResumeShare = 0.8;
    private static readonly TimeSpan TidyInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1), RecoveryPause = TimeSpan.FromSeconds(10);

    private readonly string _topic;
    private readonly SpoolOptions _options;
    private readonly SpoolCipher? _cipher;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private SpoolFile _file;
    private SpoolReport? _counted;
    private long _deleteThrough, _tidiedAt, _probedAt;
    private long? _refusedAt, _recoveryFailedAt;
    private volatile bool _isFull;
    private bool _hasFailed;

    private SpoolQueue(string topic, SpoolFile file, SpoolOptions options, SpoolCipher? cipher, TimeProvider time, ILogger log)
    {
        (_topic, _file, _options, _cipher, _time, _log) = (topic, file, options, cipher, time, log);
        Report();
    }

    /// <summary>True while records are refused because of the size limit or a failing disk.</summary>
    public bool IsFull => _isFull;

    public long First => _file.First;

    public long Last => _file.Last;

    public long Count => _file.Count;

    /// <summary>Rows that are also in memory, for the case that the file turns out to be corrupt.</summary>
    public Func<IEnumerable<SpoolRow>> Held { get; set; } = () => [];

    /// <summary>Greatest number that has been read; older rows are on their way already and are not lost when they are dropped.</summary>
    public Func<long> Loaded { get; set; } = () => 0;

    /// <summary>Receives the greatest number up to which records were just deleted to make room.</summary>
    public Action<long> Dropped { get; set; } = _ => { };

    /// <summary>Receives the number of records that were just stored.</summary>
    public Action<long> Stored { get; set; } = _ => { };

    /// <summary>Receives the number of records that were lost, with the reason: dropped_oldest or damaged.</summary>
    public Action<long, string> Lost { get; set; } = (_, _) => { };

    /// <summary>Records that were found damaged when the file was opened.</summary>
    public long DamagedAtOpen { get; private set; }

    /// <summary>Opens the spool of a topic. A corrupt file is set aside, and its intact records are taken over.</summary>
    /// <returns>Null after a fault.</returns>
    public static SpoolQueue? Open(string topic, string path, SpoolOptions options, TimeProvider time, ILogger log, Faults faults)
    {
        var before = faults.Count;
        var cipher = options.KeyFile.Length > 0 ? SpoolCipher.Read(Path.GetFullPath(options.KeyFile), faults) : null;
        if (faults.Count > before)
        {
            return null;
        }
        try
        {
            CreateFolder(Path.GetDirectoryName(path)!);
            var outcome = SpoolFile.TryOpen(path, options.MaxBytes, out var file, out var reason);
            if (outcome == SpoolOutcome.Corrupt)
            {
                (file, outcome) = (Replace(path, options, [], null, reason, time), SpoolOutcome.Done);
            }
            if (outcome == SpoolOutcome.Done)
            {
                var queue = CheckKey(new SpoolQueue(topic, file!, options, cipher, time, log), faults);
                queue?.DamagedAtOpen = queue.CountReplacement();
                return queue;
            }
            Fail(outcome switch
            {
                SpoolOutcome.InUse => $"{path} is in use by another process; give each instance a spool folder of its own",
                SpoolOutcome.Full => $"{path}: {reason} Create free space on its disk, or choose a folder on another one",
                _ => $"{path}: {reason} The service must be able to write to the folder",
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail($"{e.Message}. The service must be able to write to the folder");
        }
        cipher?.Dispose();
        return null;

        void Fail(string reason) => faults.Add($"{SpoolOptions.Section}:{nameof(options.Folder)}", $"cannot be used: {reason}");
    }

    /// <summary>Appends records.</summary>
    /// <param name="records">The records.</param>
    /// <param name="first">Number of the first record.</param>
    /// <returns>False if they could not be stored; they may be appended again later.</returns>
    public bool TryAppend(IReadOnlyList<SpooledRecord> records, out long first)
    {
        // Until the usage has fallen: a spool at its limit would otherwise be full and not full in turns.
        if (_isFull && !_hasFailed && _options.WhenFull != SpoolFullAction.DropOldest)
        {
            first = 0;
            return false;
        }
        records = _cipher is null ? records : [.. records.Select(record => _cipher.Seal(record))];
        first = _file.Last + 1;
        var outcome = _file.Append(records, _deleteThrough);
        if (outcome == SpoolOutcome.Corrupt && TryRecover())
        {
            first = _file.Last + 1;
            outcome = _file.Append(records);
        }
        while (outcome == SpoolOutcome.Full && _options.WhenFull == SpoolFullAction.DropOldest && CanMakeRoomFor(records) && DropOldest())
        {
            first = _file.Last + 1;
            outcome = _file.Append(records);
        }
        if (outcome == SpoolOutcome.Done)
        {
            Stored(records.Count);
        }
        Judge(outcome);
        return outcome == SpoolOutcome.Done;
    }

    /// <summary>Reads records in order. A damaged file is replaced, and read on at the next call.</summary>
    /// <param name="after">The number before the first to read.</param>
    /// <param name="most">Most records to read; fewer are read if they are large, but at least one if there is one.</param>
    /// <param name="rows">Receives the records.</param>
    /// <returns>False if there may be more records although none was read.</returns>
    public bool Read(long after, int most, ICollection<SpoolRow> rows)
    {
        var stored = new List<SpoolRow>();
        var outcome = _file.Read(after, most, stored);
        foreach (var row in stored)
        {
            rows.Add(OpenRow(row));
        }
        if (outcome == SpoolOutcome.Corrupt)
        {
            TryRecover();
        }
        return outcome == SpoolOutcome.Done;
    }

    /// <summary>Deletes every record up to a number, with the next append or within a tenth of a second.</summary>
    public void Delete(long through) => _deleteThrough = Math.Max(_deleteThrough, through);

    /// <summary>Regular work: deletes what was delivered, gives disk space back, and finds out whether a failed disk works again.</summary>
    public void Tidy()
    {
        if (_tidiedAt != 0 && _time.GetElapsedTime(_tidiedAt) < TidyInterval)
        {
            return;
        }
        _tidiedAt = _time.GetTimestamp();
        if (_file.Report is not null)
        {
            // Deleted only now: after a start that fails for another reason, the next one counts it.
            Lost(CountReplacement(), "damaged");
            _file.DeleteReport();
        }
        if (_deleteThrough >= _file.First)
        {
            var outcome = _file.DeleteThrough(_deleteThrough);
            if (outcome == SpoolOutcome.Corrupt)
            {
                TryRecover();
            }
            else if (outcome != SpoolOutcome.Done && _deleteThrough >= _file.Numbers.Newest)
            {
                // No space even to delete; the file has nothing that is needed.
                _file.Renew();
            }
            if (_file.Count == 0)
            {
                _file.Compact(_isFull);
            }
        }
        _file.SaveSpace();
        if (_hasFailed && _time.GetElapsedTime(_probedAt) >= ProbeInterval)
        {
            _probedAt = _time.GetTimestamp();
            Judge(_file.Probe());
        }
        else if (!_hasFailed)
        {
            Judge(SpoolOutcome.Done);
        }
        Report();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _file.Dispose();
        _cipher?.Dispose();
    }

    /// <summary>Adds a fault if the spool's key does not open its oldest and newest records.</summary>
    /// <returns>The queue; null after a fault.</returns>
    private static SpoolQueue? CheckKey(SpoolQueue queue, Faults faults)
    {
        var rows = new List<SpoolRow>();
        if (queue.Count > 0)
        {
            // Damage is found, and counted, when they are delivered.
            queue._file.Read(queue.First - 1, 1, rows);
            queue._file.Read(queue._file.Numbers.Newest - 1, 1, rows);
        }
        var other = rows.Select(queue.OpenRow).Where(row => !row.IsReadable)
            .Select(row => SpoolCipher.KeyIdOf(row.Record)).FirstOrDefault();
        if (other is null)
        {
            return queue;
        }
        var path = queue._file.Path;
        faults.Add($"{SpoolOptions.Section}:{nameof(SpoolOptions.KeyFile)}",
            $"does not open the records in {path}, which are sealed with key {other}: set it to that key until they are delivered, or move "
            + $"{path} and {path}-wal away; their records are then not delivered");
        queue.Dispose();
        return null;
    }

    private SpoolRow OpenRow(SpoolRow row) => SpoolCipher.KeyIdOf(row.Record) is null ? row
        : _cipher is not null && _cipher.TryOpen(row.Record, out var opened) ? row with { Record = opened.Value }
        : row with { IsReadable = false };

    /// <summary>Creates a folder, if it does not exist, that only the service's user can use.</summary>
    public static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder) || OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }
        // The records hold tokens of payers.
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private void Judge(SpoolOutcome outcome)
    {
        var used = _file.Space.UsedShare;
        _hasFailed = outcome is not (SpoolOutcome.Done or SpoolOutcome.Full);
        // A batch may not fit although there seems to be room: it is tried again, but not all the time.
        _refusedAt = outcome == SpoolOutcome.Full ? _time.GetTimestamp() : _refusedAt;
        var isRecent = _refusedAt is { } refused && _time.GetElapsedTime(refused) < ProbeInterval;
        var isFull = outcome != SpoolOutcome.Done || used >= FullShare || (_isFull && (used >= ResumeShare || isRecent));
        if (isFull && !_isFull)
        {
            if (_options.WhenFull == SpoolFullAction.DropOldest && outcome == SpoolOutcome.Done && DropOldest())
            {
                return;
            }
            _log.SpoolFull(_file.Path, used, _options.WhenFull,
                outcome != SpoolOutcome.Done ? _file.Reason : _file.Space.IsDiskShort ? "the disk is full" : "the size limit is reached");
        }
        else if (!isFull && _isFull)
        {
            _log.SpoolAccepts(_file.Path, used);
        }
        _isFull = isFull;
    }

    // Once the spool is small it is others that fill the disk: to drop more would not help. Nor does it for a record that is too large.
    private bool CanMakeRoomFor(IReadOnlyList<SpooledRecord> records) =>
        (!_file.Space.IsDiskShort || _file.Space.UsedShare >= ResumeShare)
        && records.Sum(record => record.Bytes) < ResumeShare * _file.Space.MostBytes;

    /// <summary>Deletes the oldest records until the usage allows new ones.</summary>
    private bool DropOldest()
    {
        // Deleting writes to the log, which is emptied before and after it in case that it is the disk that is full.
        _file.Checkpoint();
        var isDropped = false;
        for (var count = (long)Math.Ceiling(_file.Count * (1 - ResumeShare)); count > 0 && !isDropped; count /= 2)
        {
            isDropped = Drop(_file.First + count - 1);
        }
        _file.Checkpoint();
        return isDropped;
    }

    private bool Drop(long through)
    {
        var numbers = _file.Numbers;
        var dropped = Math.Max(0, numbers.CountThrough(through) - numbers.CountThrough(Loaded()));
        if (_file.DeleteThrough(through) != SpoolOutcome.Done)
        {
            return false;
        }
        Dropped(through);
        if (dropped > 0)
        {
            Lost(dropped, "dropped_oldest");
            _log.SpoolDroppedOldest(dropped, _file.Path);
        }
        return true;
    }

    /// <summary>Replaces a corrupt file.</summary>
    /// <returns>False if that failed, which is tried again after a pause; the file is then still where it was.</returns>
    private bool TryRecover()
    {
        if (_recoveryFailedAt is { } failed && _time.GetElapsedTime(failed) < RecoveryPause)
        {
            return false;
        }
        var held = Held().Select(row => _cipher is null ? row : row with { Record = _cipher.Seal(row.Record) }).ToList();
        var path = _file.Path;
        _file.Dispose();
        try
        {
            _file = Replace(path, _options, held, _file.Numbers, _file.Reason, _time);
            _recoveryFailedAt = null;
            Lost(CountReplacement(), "damaged");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _recoveryFailedAt = _time.GetTimestamp();
            _log.SpoolNotRecovered(path, RecoveryPause, e.Message);
            return false;
        }
    }

    /// <summary>Replaces a corrupt file, and opens the new one.</summary>
    /// <exception cref="IOException">The file could not be replaced.</exception>
    private static SpoolFile Replace(
        string path, SpoolOptions options, IReadOnlyList<SpoolRow> held, SpoolNumbers? known, string reason, TimeProvider time)
    {
        SpoolRecovery.Replace(path, options.MaxBytes, held, known, reason, time);
        return SpoolFile.TryOpen(path, options.MaxBytes, out var file, out var fault) == SpoolOutcome.Done ? file!
            : throw new IOException($"{path} could not be opened after it was replaced: {fault}");
    }

    /// <summary>Counts and logs the replacement of a corrupt file, which may have been begun by another process, once.</summary>
    /// <returns>The number of records that are lost.</returns>
    private long CountReplacement()
    {
        if (_file.Report is not { } report || report == _counted)
        {
            return 0;
        }
        _counted = report;
        ServerMetrics.SpoolCorruptions.WithLabels(_topic).Inc();
        _log.SpoolCorrupt(_file.Path, report.Aside, report.Intact, report.Damaged, report.Reason);
        return report.Damaged;
    }

    private void Report()
    {
        ServerMetrics.SpoolRecords.WithLabels(_topic).Set(_file.Count);
        ServerMetrics.SpoolBytes.WithLabels(_topic).Set(_file.Space.UsedBytes);
        ServerMetrics.SpoolFull.WithLabels(_topic).Set(_isFull ? 1 : 0);
    }
}
