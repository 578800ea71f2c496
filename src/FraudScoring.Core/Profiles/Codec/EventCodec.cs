using System.Numerics;
using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Profiles.Codec;

/// <summary>
/// Encodes a profile's recent events, newest first. Entities repeat themselves, so an event refers to a newer event with the same fields,
/// or to the most similar one and lists the differences.
/// </summary>
/// <remarks>
/// Each event starts with the time since the next newer one. Its lowest bit is set if the fields equal those of the event before. Otherwise
/// a byte follows: below 128, the distance to an event with equal fields; from 128, a bit per field that differs, followed by the distance
/// and the differing fields. Hashes of fields do not compress, so a general-purpose compressor would save less and take longer. The cost is
/// a search over all newer events per event when writing: at most 256 * 255 / 2 comparisons.
/// </remarks>
internal static class EventCodec
{
    /// <summary>The bit of the location in <see cref="Differences"/>; the lower bits are for the dimensions.</summary>
    private const int LocationBit = 1 << EntityPlan.MaxDimensions;

    private const int Differs = 0x80;

    public static void Write(EntityProfile profile, ProfileWriter writer)
    {
        var events = profile.Recent;
        writer.Unsigned((ulong)events.Length);
        // Newest first: an event may only refer to events that the reader has by then, and no time difference is negative.
        var newer = profile.NewestMs;
        for (var i = events.Length - 1; i >= 0; i--)
        {
            ref readonly var kept = ref events[i];
            var distance = Nearest(profile.Plan, events, i, out var differences);
            var isSame = distance == 1 && differences == 0;
            writer.Unsigned(((ulong)(newer - kept.TimeMs) << 1) | (isSame ? 1UL : 0));
            newer = kept.TimeMs;
            writer.Fixed40(kept.Id);
            // 0 stands for an unknown amount, which is -1.
            writer.Unsigned((ulong)(kept.Amount + 1));
            // Not among the compared fields: a filter may test the amount, which differs between otherwise equal payments.
            if (profile.Plan.Filters.Length > 0)
            {
                writer.Byte(kept.Filters);
            }
            if (!isSame)
            {
                WriteFields(profile.Plan, events, i, distance, differences, writer);
            }
        }
    }

    public static void Read(ref ProfileReader reader, EntityProfile profile, long newestMs)
    {
        var count = reader.Length(profile.Plan.RecentCapacity);
        var time = newestMs;
        var events = profile.ReserveRecent(count);
        for (var i = count - 1; i >= 0; i--)
        {
            ref var kept = ref events[i];
            var passed = reader.Unsigned();
            var (id, amount) = (reader.Fixed40(), (long)(reader.Unsigned() & long.MaxValue) - 1);
            var filters = profile.Plan.Filters.Length > 0 ? reader.Byte() : (byte)0;
            if ((passed & 1) != 0)
            {
                kept = At(ref reader, events, i, 1);
            }
            else
            {
                ReadFields(ref reader, profile.Plan, events, i);
            }
            time -= (long)(passed >> 1);
            (kept.TimeMs, kept.Id, kept.Amount, kept.Filters) = (time, id, amount, filters);
        }
    }

    private static void WriteFields(
        EntityPlan plan, ReadOnlySpan<ProfileEvent> events, int index, int distance, int differences, ProfileWriter writer)
    {
        // A distance from 128 on would read as the byte of differences, so it takes the long form with no bit set.
        if (differences == 0 && distance < Differs)
        {
            writer.Byte((byte)distance);
            return;
        }
        writer.Byte((byte)(Differs | differences));
        writer.Byte((byte)distance);
        ref readonly var kept = ref events[index];
        for (var d = 0; d < plan.Dimensions.Length; d++)
        {
            if ((differences & (1 << d)) != 0)
            {
                writer.Fixed24(kept.Dimensions[d]);
            }
        }
        if ((differences & LocationBit) != 0)
        {
            WriteLocation(kept, distance == 0 ? Nothing : events[index + distance], writer);
        }
    }

    private static void ReadFields(ref ProfileReader reader, EntityPlan plan, Span<ProfileEvent> events, int index)
    {
        ref var kept = ref events[index];
        var first = reader.Byte();
        if (first < Differs)
        {
            kept = At(ref reader, events, index, first);
            return;
        }
        kept = At(ref reader, events, index, reader.Byte());
        for (var d = 0; d < plan.Dimensions.Length; d++)
        {
            if ((first & (1 << d)) != 0)
            {
                kept.Dimensions[d] = reader.Fixed24();
            }
        }
        if ((first & LocationBit) != 0)
        {
            ReadLocation(ref reader, ref kept);
        }
    }

    /// <summary>The event at a distance; at distance 0, an event without fields. A distance beyond the newest event is corrupt.</summary>
    private static ProfileEvent At(ref ProfileReader reader, ReadOnlySpan<ProfileEvent> events, int index, int distance)
    {
        if (distance < events.Length - index)
        {
            return distance == 0 ? Nothing : events[index + distance];
        }
        reader.Fail();
        return Nothing;
    }

    private static ProfileEvent Nothing => new() { LatitudeE4 = ProfileEvent.NoLocation };

    /// <summary>The distance to the newer event with the fewest differences, the nearest of several; 0 for the newest event.</summary>
    private static int Nearest(EntityPlan plan, ReadOnlySpan<ProfileEvent> events, int index, out int differences)
    {
        ref readonly var kept = ref events[index];
        var (best, fewest) = (0, int.MaxValue);
        if (index == events.Length - 1)
        {
            differences = Differences(plan, kept, Nothing);
            return 0;
        }
        differences = int.MaxValue;
        for (var distance = 1; distance < events.Length - index && fewest > 0; distance++)
        {
            // By reference: a copy of every event would take longer than the comparison.
            var others = Differences(plan, kept, in events[index + distance]);
            // Fewer, not as few: the nearest of equals wins, so that the same events always have the same bytes.
            if (BitOperations.PopCount((uint)others) is var count && count < fewest)
            {
                (best, differences, fewest) = (distance, others, count);
            }
        }
        return best;
    }

    private static int Differences(EntityPlan plan, in ProfileEvent a, in ProfileEvent b)
    {
        var differences = a.LatitudeE4 == b.LatitudeE4 && a.LongitudeE4 == b.LongitudeE4 ? 0 : LocationBit;
        for (var d = 0; d < plan.Dimensions.Length; d++)
        {
            differences |= a.Dimensions[d] == b.Dimensions[d] ? 0 : 1 << d;
        }
        return differences;
    }

    /// <summary>0 means no location, so the zigzag-encoded difference of latitudes is incremented by one.</summary>
    private static void WriteLocation(in ProfileEvent kept, in ProfileEvent like, ProfileWriter writer)
    {
        if (kept.LatitudeE4 == ProfileEvent.NoLocation)
        {
            writer.Byte(0);
            return;
        }
        // Degrees in ten-thousandths differ by at most 3,600,000, so neither the differences nor their zigzag form overflow an int.
        var latitude = kept.LatitudeE4 - LatitudeOf(like);
        writer.Unsigned((ulong)((latitude << 1) ^ (latitude >> 31)) + 1);
        writer.Signed(kept.LongitudeE4 - like.LongitudeE4);
    }

    private static void ReadLocation(ref ProfileReader reader, ref ProfileEvent kept)
    {
        var latitude = reader.Unsigned();
        if (latitude == 0)
        {
            (kept.LatitudeE4, kept.LongitudeE4) = (ProfileEvent.NoLocation, 0);
            return;
        }
        var zigzag = (int)(latitude - 1);
        kept.LatitudeE4 = LatitudeOf(kept) + ((zigzag >>> 1) ^ -(zigzag & 1));
        kept.LongitudeE4 += (int)reader.Signed();
    }

    private static int LatitudeOf(in ProfileEvent like) => like.LatitudeE4 == ProfileEvent.NoLocation ? 0 : like.LatitudeE4;
}
