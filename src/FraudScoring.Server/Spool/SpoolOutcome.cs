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
