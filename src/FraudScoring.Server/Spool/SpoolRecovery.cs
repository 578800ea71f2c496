using System.Globalization;
using Microsoft.Data.Sqlite;

namespace FraudScoring.Server.Spool;

/// <summary>Replaces a corrupt spool file by one with its intact records, and sets the corrupt file aside.</summary>
/// <remarks>
/// The new file is complete before the corrupt one is moved, so a failure or a kill at any point loses nothing: the next attempt begins
/// again, or takes over the new file. Records are copied some at a time; a full spool can be larger than the memory.
/// </remarks>
internal static class SpoolRecovery
{
    private const string NewSuffix = ".new", AsideSuffix = ".corrupt-";

    /// <summary>Ends a replacement that was interrupted after the corrupt file had been moved. Does nothing otherwise.</summary>
    public static void Resume(string path)
    {
        if (!File.Exists(path) && File.Exists(path + NewSuffix))
        {
            // The log of the corrupt file; the new file has its records, and what is to be counted.
            File.Delete($"{path}-wal");
            File.Move(path + NewSuffix, path);
        }
    }

    /// <summary>Replaces a file. No connection may have it open. The new file has a <see cref="SpoolReport"/>.</summary>
    /// <param name="path">The corrupt file.</param>
    /// <param name="maxBytes">Maximum size of the spool, in bytes.</param>
    /// <param name="held">Records of the file that are also in memory.</param>
    /// <param name="known">The numbers that the file must have; null if that is not known.</param>
    /// <param name="reason">What is wrong with it.</param>
    /// <param name="time">The clock of the name of the file that is set aside.</param>
    /// <exception cref="IOException">
    /// The file could not be replaced, and is still where it was, or the new file is taken over when the spool is opened.
    /// </exception>
    public static void Replace(
        string path, long maxBytes, IReadOnlyList<SpoolRow> held, SpoolNumbers? known, string reason, TimeProvider time)
    {
        Resume(path);
        DeleteLeftovers(path);
        var aside = string.Create(CultureInfo.InvariantCulture, $"{path}{AsideSuffix}{time.GetUtcNow():yyyyMMddTHHmmssfff}");
        Rebuild(path, maxBytes, held, known, new SpoolReport(aside, 0, 0, reason));
        File.Move(path, aside);
        if (File.Exists($"{path}-wal"))
        {
            File.Move($"{path}-wal", $"{aside}-wal");
        }
        File.Move(path + NewSuffix, path);
    }

    private static void Rebuild(
        string path, long maxBytes, IReadOnlyList<SpoolRow> held, SpoolNumbers? known, SpoolReport report)
    {
        // Pages may be filled less well than before: a spool that was nearly full must still fit.
        if (SpoolFile.TryOpen(path + NewSuffix, 2 * maxBytes, out var file, out var reason) != SpoolOutcome.Done)
        {
            throw new IOException($"{path + NewSuffix} could not be created: {reason}");
        }
        using var opened = file!;
        try
        {
            var found = SpoolSalvage.Read(path, rows => Check(opened.Restore(rows)));
            var (deleted, last, missing) = known is not null ? (known.Deleted, known.Last, known.Missing)
                : found.Ends ?? EndsOf(opened.Range(), found.Gaps ?? []);
            // A damaged page can lead to rows of before, which were delivered.
            Check(opened.DeleteRestored(deleted));
            var intact = opened.CountRows();
            Check(opened.Restore(held));
            // Rows are believed before the last number: the disk may have lost some writes.
            last = Math.Max(last, opened.Range().Greatest ?? 0);
            var damaged = Math.Max(0, last - deleted - missing - opened.CountRows());
            Check(opened.Complete(deleted, last, report with { Intact = intact, Damaged = damaged }));
            opened.Dispose();
            // SQLite deletes the log when the file is closed, unless it could not move it into the database.
            if (File.Exists($"{path + NewSuffix}-wal"))
            {
                throw new IOException($"{path + NewSuffix} could not be completed: its disk has too little space");
            }
        }
        catch (SqliteException e)
        {
            throw new IOException($"{path + NewSuffix} could not be read: {e.Message}", e);
        }

        void Check(SpoolOutcome outcome)
        {
            if (outcome != SpoolOutcome.Done)
            {
                throw new IOException($"{path + NewSuffix} could not be written: {opened.Reason}");
            }
        }
    }

    /// <summary>
    /// The ends of a file that lost them: those of its rows. Records that were before the first or after the last row are then not counted.
    /// </summary>
    private static (long Deleted, long Last, long Missing) EndsOf((long? Least, long? Greatest) range, IEnumerable<SpoolGap> gaps)
    {
        if (range is not ({ } least, { } greatest))
        {
            return (0, 0, 0);
        }
        return (least - 1, greatest, gaps.Where(gap => gap.First > least && gap.Last < greatest).Sum(gap => gap.Count));
    }

    /// <summary>Deletes what an interrupted attempt left, and the file of an earlier one: there may be no room for a fourth copy.</summary>
    private static void DeleteLeftovers(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        foreach (var old in Directory.GetFiles(folder, $"{Path.GetFileName(path)}{AsideSuffix}*"))
        {
            File.Delete(old);
        }
        File.Delete(path + NewSuffix);
        File.Delete($"{path + NewSuffix}-wal");
        foreach (var copy in Directory.GetDirectories(folder, $"{Path.GetFileName(path)}{SpoolSalvage.FolderSuffix}*"))
        {
            Directory.Delete(copy, recursive: true);
        }
    }
}
