using System.Buffers.Binary;
using System.Numerics;

namespace FraudScoring.Core.Profiles.Codec;

/// <summary>A growing buffer for <see cref="ProfileCodec"/>, meant to be reused. Not safe for concurrent use.</summary>
public sealed class ProfileWriter
{
    private byte[] _buffer = new byte[1024];
    private int _length;

    /// <summary>The bytes written since <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Removes all bytes but keeps the buffer.</summary>
    public void Clear() => _length = 0;

    internal void Byte(byte value) => Take(1)[0] = value;

    internal void Fixed24(uint value)
    {
        var to = Take(3);
        BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)value);
        to[2] = (byte)(value >> 16);
    }

    internal void Fixed32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    internal void Fixed40(ulong value)
    {
        var to = Take(5);
        BinaryPrimitives.WriteUInt32LittleEndian(to, (uint)value);
        to[4] = (byte)(value >> 32);
    }

    internal void Fixed64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    /// <summary>Writes a LEB128 integer: seven bits per byte, least significant first, high bit set on all but the last byte.</summary>
    internal void Unsigned(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }
        Byte((byte)value);
    }

    internal void Unsigned128(UInt128 value)
    {
        while (value >= 0x80)
        {
            Byte((byte)((byte)value | 0x80));
            value >>= 7;
        }
        Byte((byte)value);
    }

    /// <summary>
    /// Writes a zigzag-encoded integer: 0, -1, 1, -2, ... become 0, 1, 2, 3, ..., so that small negative numbers stay short.
    /// </summary>
    internal void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>
    /// Writes up to fifteen non-zero registers with two bytes each, their number in the spare bits of the first; otherwise all registers,
    /// because sixteen pairs take as many bytes as all 64 registers.
    /// </summary>
    internal void Sketch(in DistinctSketch sketch)
    {
        var used = 0;
        for (var word = 0; word < 4; word++)
        {
            used += BitOperations.PopCount(Occupied(sketch[word]));
        }
        if (used is 0 or > 15)
        {
            Byte(used == 0 ? (byte)0 : FullSketch);
            for (var word = 0; used > 0 && word < 4; word++)
            {
                Fixed64(sketch[word]);
            }
            return;
        }
        // Register and rank take ten bits; at most fifteen pairs fit the six above. So a first byte is 4 to 63, and 0 and 255 are free.
        var first = used << 10;
        for (var register = 0; register < DistinctSketch.Registers && used > 0; register++)
        {
            var rank = (int)(sketch[register >> 4] >> ((register & 15) * 4)) & 15;
            if (rank > 0)
            {
                // Big endian, because the reader tells the three forms apart by the first byte, which must hold the number of pairs.
                BinaryPrimitives.WriteUInt16BigEndian(Take(2), (ushort)(first | (register << 4) | rank));
                first = 0;
                used--;
            }
        }
    }

    /// <summary>First byte of a sketch with all registers; greater than the first byte of a sparse one can be.</summary>
    internal const byte FullSketch = 255;

    private static ulong Occupied(ulong word) => (word | (word >> 1) | (word >> 2) | (word >> 3)) & 0x1111111111111111;

    private Span<byte> Take(int count)
    {
        if (_length + count > _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
        _length += count;
        return _buffer.AsSpan(_length - count, count);
    }
}

/// <summary>Reads what <see cref="ProfileWriter"/> wrote. Past the end it returns zeros and records the failure.</summary>
/// <remarks>
/// Callers check <see cref="IsAtEnd"/> once, at the end: a check per number would clutter every reader, exceptions would be slow.
/// </remarks>
internal ref struct ProfileReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;
    private bool _failed;

    /// <summary>True if all bytes were read and nothing failed.</summary>
    public readonly bool IsAtEnd => !_failed && _rest.IsEmpty;

    public byte Byte()
    {
        if (_rest.IsEmpty)
        {
            _failed = true;
            // 0 also ends a variable-length number, so a reader cannot run on past the end.
            return 0;
        }
        var next = _rest[0];
        _rest = _rest[1..];
        return next;
    }

    public uint Fixed24() =>
        Take(3) is { IsEmpty: false } taken ? BinaryPrimitives.ReadUInt16LittleEndian(taken) | ((uint)taken[2] << 16) : 0;

    public ulong Fixed40() =>
        Take(5) is { IsEmpty: false } taken ? BinaryPrimitives.ReadUInt32LittleEndian(taken) | ((ulong)taken[4] << 32) : 0;

    public ulong Fixed64() => Take(8) is { IsEmpty: false } taken ? BinaryPrimitives.ReadUInt64LittleEndian(taken) : 0;

    public ulong Unsigned()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
        _failed = true;
        return 0;
    }

    public UInt128 Unsigned128()
    {
        UInt128 value = 0;
        for (var shift = 0; shift < 128; shift += 7)
        {
            var next = Byte();
            value |= (UInt128)(next & 0x7Fu) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
        _failed = true;
        return 0;
    }

    public long Signed()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>
    /// Reads a number of items. More than the limit, or than the bytes left, is a failure: it must not cause an allocation.
    /// </summary>
    public int Length(int limit)
    {
        var value = Unsigned();
        if (value <= (ulong)limit && value <= (ulong)_rest.Length)
        {
            return (int)value;
        }
        _failed = true;
        return 0;
    }

    /// <summary>Reads a number. More than the limit is a failure.</summary>
    public long SmallNumber(int limit)
    {
        var value = Unsigned();
        _failed |= value > (ulong)limit;
        return _failed ? 0 : (long)value;
    }

    /// <summary>Records that the bytes are invalid.</summary>
    public void Fail() => _failed = true;

    /// <summary>Reads a number as its difference from the previous one. Unless it is the first, it must be greater.</summary>
    public long Later(long previous, bool isFirst)
    {
        var next = previous + Signed();
        _failed |= !isFirst && next <= previous;
        return next;
    }

    public void Sketch(ref DistinctSketch sketch)
    {
        var first = Byte();
        if (first == 0)
        {
            return;
        }
        if (first == ProfileWriter.FullSketch)
        {
            for (var word = 0; word < 4; word++)
            {
                sketch[word] = Fixed64();
            }
            return;
        }
        var packed = (first << 8) | Byte();
        for (var left = packed >> 10; left > 0; left--)
        {
            sketch.Raise((packed >> 4) & 63, packed & 15);
            packed = left > 1 ? (Byte() << 8) | Byte() : 0;
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            _failed = true;
            _rest = [];
            return [];
        }
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
