using System.Security.Cryptography;
using FraudScoring.Inference.Contracts;
using FraudScoring.V1;
using Google.Protobuf;
using Label = FraudScoring.Core.Payments.Label;
using Payment = FraudScoring.Core.Payments.Payment;

namespace FraudScoring.Training.Datasets;

/// <summary>
/// Writes an event log: <see cref="EventLogRecord"/> messages in the order given, each preceded by its length as a varint. The file gets
/// its name when it is complete; disposing before <see cref="Complete"/> leaves no file behind.
/// </summary>
public sealed class EventLogWriter : IDisposable
{
    private const int BufferSize = 1 << 20;
    private const int LongestVarint = 5;
    private readonly PartialFile _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _buffer = new byte[BufferSize];
    private int _used;
    private bool _disposed;

    /// <summary>Creates a temporary file next to <paramref name="path"/>, whose folder must exist.</summary>
    /// <exception cref="IOException">The folder does not exist or cannot be written to.</exception>
    public EventLogWriter(string path) => _file = new PartialFile(path);

    /// <summary>Number of records written so far.</summary>
    public long Records { get; private set; }

    /// <summary>Number of bytes written so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Appends a payment.</summary>
    public void Write(Payment payment) =>
        Write(new EventLogRecord { Transaction = new TransactionEvent { Payment = EventWriter.ToProto(payment) } });

    /// <summary>Appends a label.</summary>
    public void Write(Label label) => Write(new EventLogRecord { Label = EventWriter.ToProto(label) });

    /// <summary>Flushes to disk and gives the file its name, replacing an existing file.</summary>
    /// <returns>SHA-256 of the content, lower-case hexadecimal.</returns>
    public string Complete()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Flush();
        _file.Complete();
        string hash = Convert.ToHexStringLower(_hash.GetHashAndReset());
        Dispose();
        return hash;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _file.Dispose();
            _hash.Dispose();
        }
    }

    internal void Write(EventLogRecord record)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int size = record.CalculateSize();
        Reserve(size + LongestVarint);
        int start = _used;
        for (var rest = (uint)size; ; rest >>= 7)
        {
            if (rest < 0x80)
            {
                _buffer[_used++] = (byte)rest;
                break;
            }
            _buffer[_used++] = (byte)(rest | 0x80);
        }
        record.WriteTo(_buffer.AsSpan(_used, size));
        _used += size;
        Bytes += _used - start;
        Records++;
    }

    private void Reserve(int size)
    {
        if (_buffer.Length - _used < size)
        {
            Flush();
            if (_buffer.Length < size)
            {
                _buffer = new byte[size];
            }
        }
    }

    private void Flush()
    {
        _hash.AppendData(_buffer, 0, _used);
        _file.Stream.Write(_buffer, 0, _used);
        _used = 0;
    }
}
