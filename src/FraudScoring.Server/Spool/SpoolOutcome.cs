using Microsoft.Data.Sqlite;

namespace FraudScoring.Server.Spool;

/// <summary>How an operation on a spool file ended. Failures are values, because each needs another reaction.</summary>
internal enum SpoolOutcome
{
    Done,
    /// <summary>The file has reached its maximum size, or the disk is full. Nothing of the operation was stored.</summary>
    Full,
    /// <summary>Another process uses the file.</summary>
    InUse,
    /// <summary>The disk failed. Nothing of the operation was stored, and it may be repeated.</summary>
    DiskFailed,
    /// <summary>The file is corrupt. It must be replaced.</summary>
    Corrupt,
}

/// <summary>What failures of SQLite mean for a spool file.</summary>
internal static class SpoolFailure
{
    /// <summary>SQLite's result for a damaged file.</summary>
    public const int CorruptFile = 11;

    // The other results, https://sqlite.org/rescode.html.
    private const int Error = 1, Busy = 5, ReadOnly = 8, FullFile = 13, NotADatabase = 26;

    public static SpoolOutcome OutcomeOf(SqliteException failure) => failure.SqliteErrorCode switch
    {
        FullFile => SpoolOutcome.Full,
        Busy => SpoolOutcome.InUse,
        // Damage to the header or the schema also looks like a file of a later release (Error, ReadOnly) or a missing table (Error). If it
        // is the file system that is read-only, the file cannot be set aside either, which says so.
        CorruptFile or NotADatabase or ReadOnly or Error => SpoolOutcome.Corrupt,
        _ => SpoolOutcome.DiskFailed,
    };
}
