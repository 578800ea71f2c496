using FraudScoring.Core.Payments;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Training.Datasets;

/// <summary>Reads an event log one record at a time, in constant memory.</summary>
public static class EventLogReader
{
    /// <summary>Longest record accepted, in bytes. A longer one means that the file is damaged.</summary>
    public const int LongestRecord = 1 << 20;

    private const int BufferSize = LongestRecord + 8;

    /// <summary>Reads the records of a file, in file order.</summary>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is truncated or damaged; the message names the byte offset.</exception>
    public static IEnumerable<EventLogRecord> Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        foreach (EventLogRecord record in Read(file, path))
        {
            yield return record;
        }
    }

    /// <summary>Reads the records of a file, in file order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="payments">Receives the number of payments read, every 10,000 payments and at the end.</param>
    /// <param name="cancellation">Checked between records.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is truncated or damaged; the message names the byte offset.</exception>
    internal static IEnumerable<EventLogRecord> Read(string path, IProgress<int> payments, CancellationToken cancellation)
    {
        var read = 0;
        foreach (var record in Read(path))
        {
            cancellation.ThrowIfCancellationRequested();
            if (record.Transaction is not null && ++read % 10_000 == 0)
            {
                payments.Report(read);
            }
            yield return record;
        }
        payments.Report(read);
    }

    /// <summary>Reads the records of a stream, in stream order.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">Name of the stream in error messages.</param>
    /// <exception cref="InvalidDataException">The stream is truncated or damaged; the message names the byte offset.</exception>
    public static IEnumerable<EventLogRecord> Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var buffer = new byte[BufferSize];
        int start = 0;
        int end = 0;
        long recordNumber = 0;
        long offset = 0;
        while (true)
        {
            (start, end) = Refill(stream, buffer, start, end);
            if (start == end)
            {
                yield break;
            }
            (EventLogRecord record, int length) = Parse(buffer, start, end, name, recordNumber, offset);
            yield return record;
            start += length;
            offset += length;
            recordNumber++;
        }
    }

    /// <summary>SHA-256 of a file's content, lower-case hexadecimal, as returned by <see cref="EventLogWriter.Complete"/>.</summary>
    public static string Hash(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        return ContentHash.Compute(file);
    }

    /// <summary>Refills the buffer unless it holds a complete record.</summary>
    private static (int Start, int End) Refill(Stream stream, byte[] buffer, int start, int end)
    {
        if (HoldsRecord(buffer.AsSpan(start, end - start)))
        {
            return (start, end);
        }
        buffer.AsSpan(start, end - start).CopyTo(buffer);
        end -= start;
        end += stream.ReadAtLeast(buffer.AsSpan(end), buffer.Length - end, throwOnEndOfStream: false);
        return (0, end);
    }

    private static bool HoldsRecord(ReadOnlySpan<byte> bytes) =>
        TryReadLength(bytes, out uint length, out int prefix) && length <= (uint)(bytes.Length - prefix);

    private static (EventLogRecord Record, int Length) Parse(byte[] buffer, int start, int end, string name, long number, long offset)
    {
        if (!TryReadLength(buffer.AsSpan(start, end - start), out uint length, out int prefix))
        {
            throw Damaged("its length is cut off or not a varint");
        }
        if (length > LongestRecord)
        {
            throw Damaged($"it claims {length} bytes, more than the {LongestRecord} a record may have");
        }
        if (length > end - start - prefix)
        {
            throw Damaged($"it claims {length} bytes but the file ends after {end - start - prefix}");
        }
        EventLogRecord record;
        try
        {
            record = EventLogRecord.Parser.ParseFrom(buffer, start + prefix, (int)length);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw Damaged(error.Message);
        }
        return record.EventCase == EventLogRecord.EventOneofCase.None
            ? throw Damaged("it holds neither a transaction nor a label")
            : (record, prefix + (int)length);

        InvalidDataException Damaged(string what) =>
            new($"{name}: record {number} at byte {offset} is damaged: {what}. Create the event log again.");
    }

    private static bool TryReadLength(ReadOnlySpan<byte> bytes, out uint length, out int prefix)
    {
        length = 0;
        for (prefix = 0; prefix < bytes.Length && prefix < 5;)
        {
            byte next = bytes[prefix];
            length |= (uint)(next & 0x7F) << 7 * prefix;
            prefix++;
            if (next < 0x80)
            {
                return true;
            }
        }
        return false;
    }
}
