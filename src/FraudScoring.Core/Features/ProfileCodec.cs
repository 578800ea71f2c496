using System.Buffers.Binary;
using System.Numerics;

namespace FraudScoring.Core.Features;

/// <summary>Why stored bytes did not become a profile.</summary>
public enum ProfileFault
{
    /// <summary>They did.</summary>
    None,
    /// <summary>Too short, cut off, or the checksum does not match.</summary>
    Corrupt,
    /// <summary>Written by a newer release: must be left as it is.</summary>
    NewerVersion,
}

/// <summary>
/// The bytes of an <see cref="EntityProfile"/>: revision (8 bytes, little endian, so that a script can compare it), format version,
/// fields as variable-length integers, CRC-32C over all before it.
/// </summary>
public static class ProfileCodec
{
    /// <summary>The format this release writes.</summary>
    public const byte Version = 1;

    private const int HeaderLength = 9;
    private const int ChecksumLength = 4;

    /// <summary>Writes a profile.</summary>
    /// <returns>The bytes, valid until the writer is used again.</returns>
    public static ReadOnlySpan<byte> Write(EntityProfile profile, ProfileWriter writer)
    {
        writer.Clear();
        writer.Fixed64(profile.Revision);
        writer.Byte(Version);
        writer.Signed(profile.NewestMs == long.MinValue ? 0 : profile.NewestMs);
        writer.Signed(profile.FirstMs == long.MaxValue ? 0 : profile.NewestMs - profile.FirstMs);
        WriteOffsets(profile.Applied, writer);
        WriteRecent(profile, writer);
        for (var l = 0; l < profile.Rings.Length; l++)
        {
            WriteRing(profile, profile.Rings[l], writer);
        }
        WriteLabels(profile.Labels, writer);
        writer.Fixed32(Checksum(writer.Written));
        return writer.Written;
    }

    /// <summary>Reads a profile; it is cleared first, and left clear when the bytes are refused.</summary>
    public static ProfileFault Read(ReadOnlySpan<byte> bytes, EntityProfile profile)
    {
        profile.Clear();
        if (bytes.Length < HeaderLength + ChecksumLength)
        {
            return ProfileFault.Corrupt;
        }
        var body = bytes[..^ChecksumLength];
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[^ChecksumLength..]) != Checksum(body))
        {
            return ProfileFault.Corrupt;
        }
        if (bytes[8] != Version)
        {
            return bytes[8] > Version ? ProfileFault.NewerVersion : ProfileFault.Corrupt;
        }
        var reader = new ProfileReader(body[HeaderLength..]);
        ReadBody(ref reader, profile);
        if (!reader.IsAtEnd)
        {
            profile.Clear();
            return ProfileFault.Corrupt;
        }
        profile.Revision = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return ProfileFault.None;
    }

    private static void ReadBody(ref ProfileReader reader, EntityProfile profile)
    {
        var newest = reader.Signed();
        var first = newest - reader.Signed();
        ReadOffsets(ref reader, profile.Applied);
        ReadRecent(ref reader, profile, newest);
        for (var l = 0; l < profile.Rings.Length; l++)
        {
            ReadRing(ref reader, profile.Rings[l], profile.Plan.Levels[l].Count, profile.SketchCount);
        }
        ReadLabels(ref reader, profile);
        if (newest != 0)
        {
            (profile.NewestMs, profile.FirstMs) = (newest, first);
        }
    }

    private static void WriteOffsets(AppliedOffsets applied, ProfileWriter writer)
    {
        writer.Unsigned((ulong)applied.Count);
        foreach (var (source, offset) in applied.Items)
        {
            writer.Unsigned((ulong)source);
            writer.Unsigned((ulong)offset);
        }
    }

    private static void ReadOffsets(ref ProfileReader reader, AppliedOffsets applied)
    {
        for (var left = reader.Length(ushort.MaxValue); left > 0; left--)
        {
            applied.Advance((int)reader.Unsigned(), (long)reader.Unsigned());
        }
    }

    private static void WriteRecent(EntityProfile profile, ProfileWriter writer)
    {
        writer.Unsigned((ulong)profile.RecentCount);
        var previous = profile.NewestMs;
        for (var i = profile.RecentCount - 1; i >= 0; i--)
        {
            ref readonly var kept = ref profile.Recent[i];
            writer.Unsigned((ulong)(previous - kept.TimeMs));
            previous = kept.TimeMs;
            writer.Fixed40(kept.Id);
            writer.Unsigned((ulong)kept.Amount);
            for (var d = 0; d < profile.Plan.Dimensions.Length; d++)
            {
                writer.Fixed24(kept.Dimensions[d]);
            }
            if (profile.Plan.KeepsLocation)
            {
                writer.Location(kept.LatitudeE4, kept.LongitudeE4);
            }
        }
    }

    private static void ReadRecent(ref ProfileReader reader, EntityProfile profile, long newestMs)
    {
        var count = reader.Length(profile.Plan.RecentCapacity);
        var time = newestMs;
        var events = profile.ReserveRecent(count);
        for (var i = count - 1; i >= 0; i--)
        {
            ref var kept = ref events[i];
            kept = default;
            kept.TimeMs = time -= (long)reader.Unsigned();
            kept.Id = reader.Fixed40();
            kept.Amount = (long)reader.Unsigned();
            for (var d = 0; d < profile.Plan.Dimensions.Length; d++)
            {
                kept.Dimensions[d] = reader.Fixed24();
            }
            kept.LatitudeE4 = ProfileEvent.NoLocation;
            if (profile.Plan.KeepsLocation)
            {
                reader.Location(out kept.LatitudeE4, out kept.LongitudeE4);
            }
        }
    }

    private static void WriteRing(EntityProfile profile, TileRing ring, ProfileWriter writer)
    {
        writer.Unsigned((ulong)ring.Count);
        long previous = 0;
        for (var i = 0; i < ring.Count; i++)
        {
            ref readonly var tile = ref ring[i];
            writer.Signed(tile.Slot - previous);
            previous = tile.Slot;
            writer.Unsigned((ulong)tile.Count);
            writer.Unsigned((ulong)tile.Sum);
            writer.Unsigned128(tile.SumOfSquares);
            writer.Unsigned((ulong)tile.Min);
            writer.Unsigned((ulong)(tile.Max - tile.Min));
            for (var s = 0; s < profile.SketchCount; s++)
            {
                writer.Sketch(ring.Sketch(i, s));
            }
        }
    }

    private static void ReadRing(ref ProfileReader reader, TileRing ring, int capacity, int sketches)
    {
        long slot = 0;
        for (var left = reader.Length(capacity); left > 0; left--)
        {
            slot = reader.Later(slot, isFirst: ring.Count == 0);
            var i = ring.Find(slot);
            ref var tile = ref ring[i];
            tile.Count = (long)reader.Unsigned();
            tile.Sum = (long)reader.Unsigned();
            tile.SumOfSquares = reader.Unsigned128();
            tile.Min = (long)reader.Unsigned();
            tile.Max = tile.Min + (long)reader.Unsigned();
            for (var s = 0; s < sketches; s++)
            {
                reader.Sketch(ref ring.Sketch(i, s));
            }
        }
    }

    private static void WriteLabels(LabelHistory labels, ProfileWriter writer)
    {
        writer.Unsigned((ulong)labels.Recent.Count);
        long previous = 0;
        for (var i = 0; i < labels.Recent.Count; i++)
        {
            var label = labels.Recent[i];
            writer.Signed(label.LabelTimeMs - previous);
            previous = label.LabelTimeMs;
            writer.Fixed40(label.Id);
            writer.Byte(label.Fraud ? (byte)1 : (byte)0);
        }
        writer.Unsigned((ulong)labels.Tiles.Count);
        previous = 0;
        for (var i = 0; i < labels.Tiles.Count; i++)
        {
            var tile = labels.Tiles[i];
            writer.Signed(tile.Slot - previous);
            previous = tile.Slot;
            writer.Unsigned((ulong)tile.Frauds);
        }
    }

    private static void ReadLabels(ref ProfileReader reader, EntityProfile profile)
    {
        var labels = profile.Labels;
        long time = 0;
        for (var left = reader.Length(profile.Plan.LabelCapacity); left > 0; left--)
        {
            time += reader.Signed();
            labels.AppendRecent(new ProfileLabel(reader.Fixed40(), time, reader.Byte() != 0));
        }
        long slot = 0;
        for (var left = reader.Length(profile.Plan.LabelLevel.Count); left > 0; left--)
        {
            slot = reader.Later(slot, isFirst: labels.Tiles.Count == 0);
            labels.AppendTile(new FraudTile(slot, (long)reader.Unsigned()));
        }
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }
        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }
        return ~crc;
    }
}
