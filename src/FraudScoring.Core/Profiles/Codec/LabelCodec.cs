namespace FraudScoring.Core.Profiles.Codec;

/// <summary>Encodes a profile's labels: the newest, the earlier frauds, and the counts per day.</summary>
/// <remarks>
/// A label starts with the time since the previous one, shifted left by three bits. Bit 0 is set for fraud, bit 1 if it repeats the label
/// before, bit 2 if it has an end, and the time until then follows. Repetitions and the ends of recent labels could be derived from the
/// other labels, but each score reads profiles, and the ends of earlier frauds are nowhere else.
/// </remarks>
internal static class LabelCodec
{
    public static void Write(EntityProfile profile, ProfileWriter writer)
    {
        var labels = profile.Labels;
        if (!profile.Plan.KeepsLabels)
        {
            return;
        }
        var newest = profile.NewestMs == long.MinValue ? 0 : profile.NewestMs;
        Write(labels.Kept, newest, writer);
        Write(labels.KeptFrauds, newest, writer);
        writer.Unsigned((ulong)labels.Tiles.Count);
        long previous = 0;
        for (var i = 0; i < labels.Tiles.Count; i++)
        {
            var tile = labels.Tiles[i];
            writer.Signed(tile.Day - previous);
            previous = tile.Day;
            writer.Unsigned((ulong)tile.Frauds);
            if (profile.Plan.CountsAllLabels)
            {
                writer.Unsigned((ulong)(tile.Labels - tile.Frauds));
            }
        }
    }

    public static void Read(ref ProfileReader reader, EntityProfile profile, long newestMs)
    {
        var labels = profile.Labels;
        if (!profile.Plan.KeepsLabels)
        {
            return;
        }
        var time = newestMs;
        for (var left = reader.Length(profile.Plan.LabelCapacity); left > 0; left--)
        {
            labels.AppendRecent(Read(ref reader, ref time));
        }
        time = newestMs;
        for (var left = reader.Length(Catalogue.EntityPlan.FraudCapacity); left > 0; left--)
        {
            labels.AppendFraud(Read(ref reader, ref time));
        }
        long day = 0;
        for (var left = reader.Length(profile.Plan.LabelLevel.Count); left > 0; left--)
        {
            day = reader.Later(day, isFirst: labels.Tiles.Count == 0);
            var frauds = (long)reader.Unsigned();
            labels.AppendTile(new LabelTile(day, frauds, frauds + (profile.Plan.CountsAllLabels ? (long)reader.Unsigned() : 0)));
        }
    }

    private static void Write(ReadOnlySpan<KeptLabel> labels, long newestMs, ProfileWriter writer)
    {
        writer.Unsigned((ulong)labels.Length);
        var previous = newestMs;
        foreach (ref readonly var kept in labels)
        {
            var label = kept.Label;
            var flags = (label.Fraud ? 1L : 0) | (kept.Repeats ? 2L : 0) | (kept.EndMs == KeptLabel.Never ? 0 : 4L);
            // Signed, because the oldest kept label may have arrived before the newest payment, from which the first difference is taken.
            writer.Signed(((label.LabelTimeMs - previous) << 3) | flags);
            previous = label.LabelTimeMs;
            writer.Fixed40(label.Id);
            if (kept.EndMs != KeptLabel.Never)
            {
                writer.Unsigned((ulong)(kept.EndMs - label.LabelTimeMs));
            }
        }
    }

    private static KeptLabel Read(ref ProfileReader reader, ref long time)
    {
        var head = reader.Signed();
        time += head >> 3;
        var label = new ProfileLabel(reader.Fixed40(), time, (head & 1) != 0);
        return new KeptLabel(label, (head & 4) != 0 ? time + (long)reader.Unsigned() : KeptLabel.Never, (head & 2) != 0);
    }
}
