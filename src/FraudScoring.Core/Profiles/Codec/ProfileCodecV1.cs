using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Profiles.Codec;

/// <summary>
/// Reads the first format of stored profiles. It kept all sums and the sketches of all counted dimensions in every tile; what the plan
/// does not keep is passed over, so that the profile is the same as if it had been built today.
/// </summary>
internal static class ProfileCodecV1
{
    /// <summary>What the first format had no place for: such profiles are not there in it.</summary>
    public static bool CanHold(EntityPlan plan) => plan.Filters.Length == 0 && !plan.CountsAllLabels
        && !Array.Exists(plan.Levels, l => (l.Contents & TileContents.Amounts) != 0);

    /// <summary>Reads what stands behind the offsets.</summary>
    public static void Read(ref ProfileReader reader, EntityProfile profile, long newestMs)
    {
        ReadRecent(ref reader, profile, newestMs);
        byte sketches = 0;
        foreach (var level in profile.Plan.Levels)
        {
            sketches |= level.Sketches;
        }
        foreach (var ring in profile.Rings)
        {
            ReadRing(ref reader, ring, sketches);
        }
        ReadLabels(ref reader, profile);
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
                // Zero stands for no location, so latitudes are shifted by one.
                var latitude = reader.Unsigned();
                kept.LatitudeE4 = latitude == 0 ? ProfileEvent.NoLocation : (int)latitude - 900_001;
                kept.LongitudeE4 = latitude == 0 ? 0 : (int)reader.Signed();
            }
        }
    }

    private static void ReadRing(ref ProfileReader reader, TileRing ring, byte sketches)
    {
        long slot = 0;
        for (var left = reader.Length(ring.Level.Count); left > 0; left--)
        {
            slot = reader.Later(slot, isFirst: ring.Count == 0);
            var i = ring.Find(slot);
            ref var tile = ref ring[i];
            tile.Count = (long)reader.Unsigned();
            tile.Sum = (long)reader.Unsigned();
            tile.SumOfSquares = reader.Unsigned128();
            tile.Min = (long)reader.Unsigned();
            tile.Max = tile.Min + (long)reader.Unsigned();
            tile.KeepOnly(ring.Level.Contents);
            for (var d = 0; d < EntityPlan.MaxDimensions; d++)
            {
                if ((sketches >> d & 1) != 0)
                {
                    var sketch = ReadSketch(ref reader);
                    if (ring.Level.SketchOf(d) is >= 0 and var kept)
                    {
                        ring.Sketch(i, kept) = sketch;
                    }
                }
            }
        }
    }

    private static DistinctSketch ReadSketch(ref ProfileReader reader)
    {
        var sketch = default(DistinctSketch);
        var used = reader.Byte();
        for (var word = 0; used == 255 && word < 4; word++)
        {
            sketch[word] = reader.Fixed64();
        }
        for (; used is > 0 and < 255; used--)
        {
            var packed = reader.Byte() | (reader.Byte() << 8);
            sketch.Raise((packed >> 4) & 63, packed & 15);
        }
        return sketch;
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
            var frauds = (long)reader.Unsigned();
            labels.AppendTile(new LabelTile(slot, frauds, frauds));
        }
    }
}
