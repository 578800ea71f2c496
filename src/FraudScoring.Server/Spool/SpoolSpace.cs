namespace FraudScoring.Server.Spool;

/// <summary>How much room a spool file has: up to its maximum size, or less if its disk has less.</summary>
internal sealed class SpoolSpace(string path, long maxBytes)
{
    /// <summary>Disk space that is never used for records: deleting them writes to the log, too.</summary>
    public const long ReservedBytes = 8 * SpoolCommands.PageSize;

    private readonly DriveInfo _disk = new(Path.GetDirectoryName(path)!);
    private long _pageBytes;

    /// <summary>Bytes that the records take.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>The share of the room that the records take.</summary>
    public double UsedShare => UsedBytes / (double)Math.Min(maxBytes, _pageBytes + Math.Max(0, FreeBytes));

    /// <summary>True if the disk has nearly no space left.</summary>
    public bool IsDiskShort => FreeBytes < ReservedBytes;

    /// <summary>Bytes of records that have room if there are no others.</summary>
    public long MostBytes => Math.Min(maxBytes, _pageBytes + Math.Max(0, FreeBytes / 3));

    /// <summary>Space on the disk for more pages; a checkpoint needs room for those that are only in the log so far.</summary>
    private long FreeBytes
    {
        get
        {
            try
            {
                return _disk.AvailableFreeSpace - Math.Max(0, _pageBytes - new FileInfo(path).Length) - ReservedBytes;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not known: the next write tells.
                return maxBytes;
            }
        }
    }

    /// <summary>Notes the bytes of the file's pages, and of those in use.</summary>
    public void Update((long Pages, long Used) bytes) => (_pageBytes, UsedBytes) = bytes;

    /// <summary>
    /// True if deleted rows leave room for so many bytes, or the disk does: for their pages, once in the log and once in the database. A
    /// log that has taken the last space could no longer be moved into the database.
    /// </summary>
    public bool HasRoomFor(long bytes) => bytes <= _pageBytes - UsedBytes || 3 * bytes <= FreeBytes;
}
