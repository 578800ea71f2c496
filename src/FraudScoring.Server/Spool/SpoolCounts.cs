using System.IO.MemoryMappedFiles;
using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Spool;

/// <summary>
/// Counters of decisions in a small memory-mapped file, from which the next start tells how many a kill has lost. The system keeps the
/// pages of a mapped file when the process is killed; nothing waits for the disk, so after a power failure the counts are approximate.
/// </summary>
/// <remarks>
/// Every accepted decision is either stored in the spool or settled without it (delivered or dropped from memory). What was accepted and
/// is neither was lost, and so was what the spool had to delete and only memory had. The mode is kept with the counts, because the next
/// start may have another one.
/// </remarks>
internal sealed unsafe class SpoolCounts : IDisposable
{
    private const int Accepted = 0, Settled = 1, Stored = 2, Mode = 3, Dropped = 4, StoredSince = 5;
    private const int Length = 6 * sizeof(long);

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly long* _counts;

    private SpoolCounts(string path)
    {
        Allocate(path);
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, Length);
        _view = _file.CreateViewAccessor(0, Length);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _counts = (long*)start;
    }

    /// <summary>Opens the counters, and starts them again from zero.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stored">Number of records that were ever stored in the spool.</param>
    /// <param name="mode">The active mode.</param>
    /// <param name="last">What the last process left behind.</param>
    /// <param name="faults">Receives a fault if the file cannot be used.</param>
    /// <returns>Null after a fault.</returns>
    public static SpoolCounts? Open(string path, long stored, SpoolMode mode, out Leftover last, Faults faults)
    {
        SpoolCounts counts;
        try
        {
            counts = new SpoolCounts(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            last = default;
            faults.Add($"{SpoolOptions.Section}:{nameof(SpoolOptions.Folder)}", $"cannot be used: {path}: {e.Message.TrimEnd('.')}. "
                + "The service must be able to write to the folder, and its disk must have free space");
            return null;
        }
        var values = counts._counts;
        // The spool's numbers also show what the disk lost after all. They begin again if its file was removed or could not be read.
        var storedSince = stored == 0 ? values[StoredSince] : stored - values[Stored];
        last = new Leftover(
            Math.Max(0, values[Accepted] - values[Settled] - Math.Max(0, storedSince)), Math.Max(0, values[Dropped]),
            (SpoolMode)values[Mode]);
        values[Mode] = (long)mode;
        counts.Clear(stored);
        return counts;
    }

    /// <summary>Counts decisions that were accepted; negative to take them back. Safe to call from several threads.</summary>
    public void Accept(long count) => Interlocked.Add(ref _counts[Accepted], count);

    /// <summary>Counts decisions that were delivered or dropped without being stored.</summary>
    public void Settle(long count) => Interlocked.Add(ref _counts[Settled], count);

    /// <summary>Counts decisions that are stored now.</summary>
    public void Store(long count) => Interlocked.Add(ref _counts[StoredSince], count);

    /// <summary>Counts decisions that the spool deleted to make room and that are still in memory; negative when they leave it.</summary>
    public void Drop(long count) => Interlocked.Add(ref _counts[Dropped], count);

    /// <summary>Starts again from zero.</summary>
    /// <param name="stored">Number of records that were ever stored in the spool.</param>
    public void Clear(long stored) =>
        (_counts[Accepted], _counts[Settled], _counts[Stored], _counts[Dropped], _counts[StoredSince]) = (0, 0, stored, 0, 0);

    /// <summary>
    /// Writes the bytes of a new file to the disk. Otherwise the first write to memory would take its space, and on a full disk that ends
    /// the process.
    /// </summary>
    private static void Allocate(string path)
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        if (file.Length < Length)
        {
            file.Write(new byte[Length]);
            file.Flush(flushToDisk: true);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    /// <summary>What a process left behind.</summary>
    /// <param name="Unstored">Decisions that it had accepted and neither stored nor settled.</param>
    /// <param name="Dropped">Decisions that the spool had deleted to make room and that were not delivered.</param>
    /// <param name="Mode">Its mode.</param>
    public readonly record struct Leftover(long Unstored, long Dropped, SpoolMode Mode);
}
