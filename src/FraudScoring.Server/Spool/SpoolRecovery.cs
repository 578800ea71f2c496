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

    // A record with its row takes at least as many bytes.
    private const int SmallestRecord = 32;

    /// <summary>What a recovery did.</summary>
    /// <param name="Aside">Where the corrupt file is now.</param>
    /// <param name="Intact">Records that were read from it.</param>
    /// <param name="Damaged">Records that are neither intact nor in memory.</param>
    /// <param name="Last">The number after which new records go on.</param>
    public readonly record struct Result(string Aside, long Intact, long Damaged, long Last);

    /// <summary>Ends a replacement that was interrupted after the corrupt file had been moved. Does nothing otherwise.</summary>
    public static void Resume(string path)
    {
        if (!File.Exists(path) && File.Exists(path + NewSuffix))
        {
            // The log of the corrupt file; the new file has its records.
            File.Delete($"{path}-wal");
            File.Move(path + NewSuffix, path);
        }
    }

    /// <summary>Replaces a file. No connection may have it open.</summary>
    /// <param name="path">The corrupt file.</param>
    /// <param name="maxBytes">Maximum size of the spool, in bytes.</param>
    /// <param name="held">Records of the file that are also in memory.</param>
    /// <param name="last">The greatest number that is known to have been given; 0 if none is.</param>
    /// <param name="time">The clock of the name of the file that is set aside.</param>
    /// <exception cref="IOException">The file could not be replaced, and is still where it was.</exception>
    public static Result Replace(string path, long maxBytes, IReadOnlyList<SpoolRow> held, long last, TimeProvider time)
    {
        DeleteLeftovers(path);
        var (intact, damaged, greatest) = Rebuild(path, maxBytes, held, last);
        var folder = Path.GetDirectoryName(path)!;
        foreach (var old in Directory.GetFiles(folder, $"{Path.GetFileName(path)}{AsideSuffix}*"))
        {
            File.Delete(old);
        }
        var aside = string.Create(CultureInfo.InvariantCulture, $"{path}{AsideSuffix}{time.GetUtcNow():yyyyMMddTHHmmssfff}");
        File.Move(path, aside);
        if (File.Exists($"{path}-wal"))
        {
            File.Move($"{path}-wal", $"{aside}-wal");
        }
        File.Move(path + NewSuffix, path);
        return new Result(aside, intact, damaged, greatest);
    }

    private static (long Intact, long Damaged, long Last) Rebuild(string path, long maxBytes, IReadOnlyList<SpoolRow> held, long last)
    {
        // Pages may be filled less well than before: a spool that was nearly full must still fit.
        if (SpoolFile.TryOpen(path + NewSuffix, 2 * maxBytes, out var file, out var reason) != SpoolOutcome.Done)
        {
            throw new IOException($"{path + NewSuffix} could not be created: {reason}");
        }
        using var opened = file!;
        try
        {
            var given = SpoolSalvage.Read(path, Restore);
            var intact = opened.CountRows();
            Restore(held);
            var rows = opened.CountRows();
            // The greatest number may be damaged itself: more records than the file has room for are not believed.
            last = Math.Max(given - last <= maxBytes / SmallestRecord ? Math.Max(last, given) : last, opened.Last);
            // Numbers have no gaps, so those that are missing were damaged. Without any record nobody knows how many there were.
            var damaged = rows == 0 ? 0 : last - opened.First + 1 - rows;
            opened.Dispose();
            // SQLite deletes the log when the file is closed, unless it could not move it into the database.
            return !File.Exists($"{path + NewSuffix}-wal") ? (intact, damaged, last)
                : throw new IOException($"{path + NewSuffix} could not be completed: its disk has too little space");
        }
        catch (SqliteException e)
        {
            throw new IOException($"{path + NewSuffix} could not be read: {e.Message}", e);
        }

        void Restore(IReadOnlyList<SpoolRow> rows)
        {
            if (opened.Restore(rows) != SpoolOutcome.Done)
            {
                throw new IOException($"{path + NewSuffix} could not be written: {opened.Reason}");
            }
        }
    }

    /// <summary>Deletes what an interrupted attempt left.</summary>
    private static void DeleteLeftovers(string path)
    {
        File.Delete(path + NewSuffix);
        File.Delete($"{path + NewSuffix}-wal");
        foreach (var folder in Directory.GetDirectories(
            Path.GetDirectoryName(path)!, $"{Path.GetFileName(path)}{SpoolSalvage.FolderSuffix}*"))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
