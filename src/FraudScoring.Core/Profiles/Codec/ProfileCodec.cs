using System.Buffers.Binary;
using System.Numerics;

namespace FraudScoring.Core.Profiles.Codec;

/// <summary>Why stored bytes could not be read as a profile.</summary>
public enum ProfileFault
{
    /// <summary>They were read.</summary>
    None,
    /// <summary>They are too short, truncated or of a version that was never released, or the checksum does not match.</summary>
    Corrupt,
    /// <summary>They were written by a newer release and must not be overwritten.</summary>
    NewerVersion,
}

/// <summary>
/// Encodes an <see cref="EntityProfile"/>: revision (8 bytes, little endian, so that a Redis script can compare it), format version (1
/// byte), fields as variable-length integers, CRC-32C of everything before it (4 bytes, little endian).
/// </summary>
/// <remarks>
/// <para>
/// Profiles fill most of Redis, and each score reads several, so size matters more than a general format. Most numbers are small once times
/// are stored as differences from a neighbour: a variable-length integer (LEB128) takes one byte per seven bits. Differences that may be
/// negative are zigzag-encoded first, because a negative number would otherwise take ten bytes. Field tags as in Protocol Buffers, or names
/// as in JSON, would cost a byte or more per number; the plan already determines which fields exist, and its hash is part of the key. The
/// cost: the fields cannot be read without the plan, and any change of the format needs a new version.
/// </para>
/// <para>
/// A corrupt byte fails the checksum, and nothing of the profile is used: its features are missing until it is rebuilt from the event log.
/// The readers also check every length and order, so that bytes with a valid checksum but nonsense inside give a fault, never an exception
/// or a profile beyond its bounds. A newer version is refused instead of overwritten, so that a rolling deployment can be rolled back.
/// </para>
/// </remarks>
public static class ProfileCodec
{
    /// <summary>The format version that this release writes.</summary>
    public const byte Version = 3;

    private const int HeaderLength = 9;
    private const int ChecksumLength = 4;

    /// <summary>Writes a profile.</summary>
    /// <returns>The encoded bytes, valid until the writer is used again.</returns>
    public static ReadOnlySpan<byte> Write(EntityProfile profile, ProfileWriter writer)
    {
        writer.Clear();
        writer.Fixed64(profile.Revision);
        writer.Byte(Version);
        // 0 stands for a profile without payments: times up to the Unix epoch are refused when a payment is parsed.
        writer.Signed(profile.NewestMs == long.MinValue ? 0 : profile.NewestMs);
        writer.Signed(profile.FirstMs == long.MaxValue ? 0 : profile.NewestMs - profile.FirstMs);
        WriteOffsets(profile.Applied, writer);
        WriteFirsts(profile, writer);
        EventCodec.Write(profile, writer);
        foreach (var ring in profile.Rings)
        {
            TileCodec.Write(ring, profile.NewestMs, writer);
        }
        LabelCodec.Write(profile, writer);
        writer.Fixed32(Checksum(writer.Written));
        return writer.Written;
    }

    /// <summary>Reads a profile. It is cleared first, and stays clear if the bytes are refused.</summary>
    public static ProfileFault Read(ReadOnlySpan<byte> bytes, EntityProfile profile)
    {
        profile.Clear();
        if (bytes.Length < HeaderLength + ChecksumLength)
        {
            return ProfileFault.Corrupt;
        }
        var body = bytes[..^ChecksumLength];
        // The checksum before the version: a flipped bit in the version byte must count as corrupt, not as a newer release.
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[^ChecksumLength..]) != Checksum(body))
        {
            return ProfileFault.Corrupt;
        }
        var version = bytes[8];
        if (version > Version)
        {
            return ProfileFault.NewerVersion;
        }
        // Rebuilt from the log like a corrupt one, which spares a reader for every older version.
        if (version < Version)
        {
            return ProfileFault.Corrupt;
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
        if (newest != 0)
        {
            (profile.NewestMs, profile.FirstMs) = (newest, first);
        }
        ReadFirsts(ref reader, profile);
        EventCodec.Read(ref reader, profile, newest);
        foreach (var ring in profile.Rings)
        {
            TileCodec.Read(ref reader, ring, newest);
        }
        LabelCodec.Read(ref reader, profile, newest);
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

    // Ages are shifted by one, because 0 means that no event has passed the filter.
    private static void WriteFirsts(EntityProfile profile, ProfileWriter writer)
    {
        foreach (var first in profile.FilterFirstMs)
        {
            writer.Unsigned(first == long.MaxValue ? 0 : (ulong)(profile.NewestMs - first) + 1);
        }
    }

    private static void ReadFirsts(ref ProfileReader reader, EntityProfile profile)
    {
        for (var f = 0; f < profile.FilterFirstMs.Length; f++)
        {
            var age = reader.Unsigned();
            profile.FilterFirstMs[f] = age == 0 ? long.MaxValue : profile.NewestMs - (long)(age - 1);
        }
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        // CRC-32C rather than CRC-32, because processors have an instruction for it.
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
