using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace FraudScoring.Server.Spool;

/// <summary>
/// Reads every intact record of a damaged spool file: a row counts if SQLite can reach it and its checksum is right. Never changes the
/// file.
/// </summary>
/// <remarks>
/// SQLite stops at the first damaged page, so the file is read from its beginning, then from its end, then by single numbers in between. A
/// damaged first page, which holds the header and the schema, can hide all others: the file is read a second time with the first page of a
/// new file, which is the same in every spool file.
/// </remarks>
internal static class SpoolSalvage
{
    /// <summary>What the name of the folder with the copy has after the file's name.</summary>
    public const string FolderSuffix = ".salvage-";

    private const string Columns = "SELECT seq, topic, key, headers, value, crc FROM spool";

    // Place of the number of pages in the header, https://sqlite.org/fileformat.html.
    private const int PagesAt = 28;

    // A search by single numbers beyond this is not worth its time: a page of the tree's root is then damaged.
    private const long MostProbes = 1_000_000;

    private const int MostRows = 500;

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
    /// <returns>The greatest number that the file ever gave, as far as it can be read; else 0.</returns>
    /// <exception cref="IOException">The file cannot be read, or not be copied.</exception>
    public static long Read(string path, Action<IReadOnlyList<SpoolRow>> found)
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
            return Math.Max(first, ReadCopy(WithFirstPageOfANewFile(copy, folder), found));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static long ReadCopy(string path, Action<IReadOnlyList<SpoolRow>> found)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            var last = ReadLast(connection);
            ReadRows(connection, found);
            return last;
        }
        catch (SqliteException)
        {
            return 0;
        }
    }

    private static void ReadRows(SqliteConnection connection, Action<IReadOnlyList<SpoolRow>> found)
    {
        var checksum = new SpoolChecksum();
        var (reached, end) = (0L, long.MaxValue);
        if (Collect($"{Columns} ORDER BY seq", seq => reached = Math.Max(reached, seq)))
        {
            return;
        }
        Collect($"{Columns} WHERE seq > {reached} ORDER BY seq DESC", seq => end = Math.Min(end, seq));
        for (var seq = reached + 1; seq < Math.Min(end, reached + MostProbes) && end < long.MaxValue; seq++)
        {
            Collect($"{Columns} WHERE seq = {seq}", _ => { });
        }

        // False if SQLite could not read on.
        bool Collect(string query, Action<long> read)
        {
            var rows = new List<SpoolRow>();
            try
            {
                using var command = connection.CreateCommand();
                command.CommandText = query;
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    var (row, expected) = SpoolCommands.RowOf(reader);
                    if (checksum.Compute(row.Seq, row.Record) == expected)
                    {
                        rows.Add(row);
                        read(row.Seq);
                    }
                    if (rows.Count == MostRows)
                    {
                        found(rows);
                        rows.Clear();
                    }
                }
                return true;
            }
            catch (SqliteException)
            {
                return false;
            }
            finally
            {
                found(rows);
            }
        }
    }

    private static long ReadLast(SqliteConnection connection)
    {
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT seq FROM sqlite_sequence WHERE name = 'spool'";
            return command.ExecuteScalar() as long? ?? 0;
        }
        catch (SqliteException)
        {
            return 0;
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
