using System.Buffers.Binary;
using System.Numerics;

namespace FraudScoring.Core.Profiles.Codec;

/// <summary>A growing buffer for <see cref="ProfileCodec"/>, meant to be reused. Not safe for use from several threads at once.</summary>
public sealed class ProfileWriter
{
    private byte[] _buffer = new byte[1024];
    private int _length;

    /// <summary>What was written since <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Forgets what was written.</summary>
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

    internal void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>
    /// Up to fifteen registers one by one, two bytes each, the number of them in the first one's spare bits; else all of them.
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
        var first = used << 10;
        for (var register = 0; register < DistinctSketch.Registers && used > 0; register++)
        {
            var rank = (int)(sketch[register >> 4] >> ((register & 15) * 4)) & 15;
            if (rank > 0)
            {
                BinaryPrimitives.WriteUInt16BigEndian(Take(2), (ushort)(first | (register << 4) | rank));
                first = 0;
                used--;
            }
        }
    }

    /// <summary>Stands before all registers of a sketch: more than the first byte of one register can be.</summary>
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

/// <summary>Reads what <see cref="ProfileWriter"/> wrote. Past the end it gives zeros and remembers that it failed.</summary>
internal ref struct ProfileReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;
    private bool _failed;

    /// <summary>Everything was read, and nothing was missing.</summary>
    public readonly bool IsAtEnd => !_failed && _rest.IsEmpty;

    public byte Byte()
    {
        if (_rest.IsEmpty)
        {
            _failed = true;
            return 0;
        }
        var next = _rest[0];
        _rest = _rest[1..];
        return next;
    }

    public uint Fixed24() => Take(3) is { IsEmpty: false } taken ? BinaryPrimitives.ReadUInt16LittleEndian(taken) | ((uint)taken[2] << 16) : 0;

    public ulong Fixed40() => Take(5) is { IsEmpty: false } taken ? BinaryPrimitives.ReadUInt32LittleEndian(taken) | ((ulong)taken[4] << 32) : 0;

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

    /// <summary>A count that cannot be more than what is left to read, or than the limit.</summary>
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

    /// <summary>A number that cannot be more than a limit.</summary>
    public long SmallNumber(int limit)
    {
        var value = Unsigned();
        _failed |= value > (ulong)limit;
        return _failed ? 0 : (long)value;
    }

    /// <summary>Takes note that what was read makes no sense.</summary>
    public void Fail() => _failed = true;

    /// <summary>A number behind the one before; if it is not greater, something is wrong.</summary>
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
