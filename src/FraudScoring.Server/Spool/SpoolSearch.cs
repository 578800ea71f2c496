using System.Globalization;
using Microsoft.Data.Sqlite;

namespace FraudScoring.Server.Spool;

/// <summary>
/// Finds the intact records of a database with damaged pages. Reading in the order of the numbers fails at the first damaged page, reading
/// backwards at the last one. What lies between is read from its middle in both directions, and so on with the parts that remain.
/// </summary>
/// <param name="connection">The database.</param>
/// <param name="found">Receives the records, some at a time. The list is used again.</param>
internal sealed class SpoolSearch(SqliteConnection connection, Action<IReadOnlyList<SpoolRow>> found)
{
    private const int MostRows = 500;

    // The parts become smaller with each failure: after so many in a row there is nothing but damaged pages, or one that hides all others.
    private const int MostFailures = 2000;

    private readonly SpoolChecksum _checksum = new();
    private readonly List<SpoolRow> _rows = [];
    private int _scans;
    private long _bytes;

    /// <summary>Reads the records after a number.</summary>
    /// <param name="deleted">The number.</param>
    /// <param name="last">The greatest number that was given; null if it is not known.</param>
    /// <returns>How many times a part of the database was read.</returns>
    public int Run(long deleted, long? last)
    {
        // Not only up to the last number: it may be older than the rows if the disk has lost some writes.
        var (reached, isComplete) = Scan(deleted, long.MaxValue, isUp: true);
        if (!isComplete)
        {
            var (end, _) = Scan(reached, long.MaxValue, isUp: false);
            end = end == long.MaxValue ? last + 1 ?? 0 : end;
            Divide(reached, end);
        }
        return _scans;
    }

    private void Divide(long after, long before)
    {
        var parts = new Queue<(long After, long Before)>([(after, before)]);
        for (var failures = 0; failures < MostFailures && parts.TryDequeue(out var part);)
        {
            if (part.Before - part.After < 2)
            {
                continue;
            }
            var middle = part.After + ((part.Before - part.After + 1) / 2);
            var (highest, isUpComplete) = Scan(middle - 1, part.Before, isUp: true);
            var (lowest, isDownComplete) = Scan(part.After, middle, isUp: false);
            failures = highest >= middle || lowest < middle ? 0 : failures + 1;
            if (!isDownComplete)
            {
                parts.Enqueue((part.After, lowest));
            }
            // A single number that could not be read is not tried again.
            if (!isUpComplete && highest > part.After)
            {
                parts.Enqueue((highest, part.Before));
            }
        }
    }

    /// <summary>Reads the records between two numbers until that fails.</summary>
    /// <returns>The number that was reached, and false if SQLite could not read on.</returns>
    private (long Reached, bool IsComplete) Scan(long after, long before, bool isUp)
    {
        _scans++;
        var reached = isUp ? after : before;
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = string.Create(CultureInfo.InvariantCulture,
                $"{SpoolCommands.SelectRows} WHERE seq > {after} AND seq < {before} ORDER BY seq {(isUp ? "ASC" : "DESC")}");
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                var (row, checksum) = SpoolCommands.RowOf(reader);
                if (_checksum.Compute(row.Seq, row.Record) == checksum)
                {
                    Add(row);
                    reached = row.Seq;
                }
            }
            return (reached, true);
        }
        catch (SqliteException)
        {
            return (reached, false);
        }
        finally
        {
            Flush();
        }
    }

    private void Add(SpoolRow row)
    {
        _rows.Add(row);
        _bytes += row.Record.Bytes;
        if (_rows.Count == MostRows || _bytes >= SpoolFile.MostReadBytes)
        {
            Flush();
        }
    }

    private void Flush()
    {
        if (_rows.Count > 0)
        {
            found(_rows);
            _rows.Clear();
            _bytes = 0;
        }
    }
}
