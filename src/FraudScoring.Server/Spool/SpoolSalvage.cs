using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace FraudScoring.Server.Spool;

/// <summary>
/// Reads every intact record of a damaged spool file: a row counts if SQLite can reach it and its checksum is right. Never changes the
/// file.
/// </summary>
/// <remarks>
/// SQLite stops at the first damaged page, so the file is read from its beginning, from its end, and from numbers in between. A
/// damaged first page, which holds the header and the schema, can hide all others: the file is read a second time with the first page of a
/// new file, which is the same in every spool file.
/// </remarks>
internal static class SpoolSalvage
{
    /// <summary>What the name of the folder with the copy has after the file's name.</summary>
    public const string FolderSuffix = ".salvage-";

    // Place of the number of pages in the header, https://sqlite.org/fileformat.html.
    private const int PagesAt = 28;

    // The bytes that SQLite locks, https://sqlite.org/src/file?name=src/os.h: an exclusive lock is a write lock of all of them.
    private const long LockedFrom = 0x40000002, LockedLength = 510;

    /// <summary>True if another process has the file open as its spool.</summary>
    public static bool IsInUse(string path)
    {
        if (OperatingSystem.IsMacOS())
        {
            return false;
        }
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        try
        {
            file.Lock(LockedFrom, LockedLength);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Finds the intact records. A record may be found twice, and not in the order of the numbers.</summary>
    /// <param name="path">The file; its write-ahead log lies next to it. A copy of both is made in their folder, and deleted.</param>
    /// <param name="found">Receives the records, some at a time.</param>
    /// <returns>What the file says about its numbers, as far as that is intact.</returns>
    /// <exception cref="IOException">The file cannot be read, or not be copied.</exception>
    public static SpoolFound Read(string path, Action<IReadOnlyList<SpoolRow>> found)
    {
        // Works on a copy: reading a database with a write-ahead log changes both. It lies next to the file, because that disk is made for
        // files of this size.
        var folder = string.Create(CultureInfo.InvariantCulture, $"{path}{FolderSuffix}{Environment.ProcessId}");
        SpoolQueue.CreateFolder(folder);
        try
        {
            var copy = Path.Combine(folder, "spool.db");
            File.Copy(path, copy, overwrite: true);
            if (File.Exists($"{path}-wal"))
            {
                File.Copy($"{path}-wal", $"{copy}-wal", overwrite: true);
            }
            var first = ReadCopy(copy, found);
            var second = ReadCopy(WithFirstPageOfANewFile(copy, folder), found);
            return new SpoolFound(first.Ends ?? second.Ends, first.Gaps ?? second.Gaps, first.Scans + second.Scans);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static SpoolFound ReadCopy(string path, Action<IReadOnlyList<SpoolRow>> found)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            var ends = SpoolNumbers.ReadEnds(ReadNote(connection, SpoolNote.Ends));
            var gaps = SpoolNumbers.ReadGaps(ReadNote(connection, SpoolNote.Gaps));
            return new SpoolFound(ends, gaps, new SpoolSearch(connection, found).Run(ends?.Deleted ?? 0, ends?.Last));
        }
        catch (SqliteException)
        {
            return default;
        }
    }

    private static byte[]? ReadNote(SqliteConnection connection, SpoolNote note)
    {
        try
        {
            return SpoolCommands.ReadNote(connection, note);
        }
        catch (SqliteException)
        {
            return null;
        }
    }

    private static string WithFirstPageOfANewFile(string damaged, string folder)
    {
        var fresh = Path.Combine(folder, "new.db");
        var maxBytes = new FileInfo(damaged).Length + (64 * SpoolCommands.PageSize);
        if (SpoolFile.TryOpen(fresh, maxBytes, out var file, out _) == SpoolOutcome.Done)
        {
            file!.Compact();
            file.Dispose();
        }
        var page = new byte[SpoolCommands.PageSize];
        using (var source = File.OpenRead(fresh))
        {
            source.ReadExactly(page);
        }
        using var target = File.OpenWrite(damaged);
        // The header's number of pages, without which SQLite would end at the size of the new file.
        BinaryPrimitives.WriteUInt32BigEndian(page.AsSpan(PagesAt), (uint)(target.Length / SpoolCommands.PageSize));
        target.Write(page);
        return damaged;
    }
}

/// <summary>What a damaged file says about its numbers.</summary>
/// <param name="Ends">Its ends, and how many numbers between them are in gaps; null if that is damaged, too.</param>
/// <param name="Gaps">The gaps; null if they are damaged, too.</param>
/// <param name="Scans">How many times a part of the file was read.</param>
internal readonly record struct SpoolFound((long Deleted, long Last, long Missing)? Ends, ImmutableArray<SpoolGap>? Gaps, int Scans);
