using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Tests.Core.Features;

/// <summary>
/// Random events of one entity: bursts and silences on every scale, equal times, missing values, amounts from zero to the limit.
/// </summary>
internal static class EventStreams
{
    public const long StartMs = 1_767_225_600_000;

    private static readonly long[] Scales = [0, 1, 1_000, 60_000, 3_600_000, 86_400_000, 5 * 86_400_000L];

    /// <summary>
    /// Draws events in order of time. Gaps between events are at most one of the first <paramref name="scales"/> scales: 7 allows five
    /// days.
    /// </summary>
    public static ProfileEvent[] Draw(Random random, EntityPlan plan, int count, int scales = 7)
    {
        var events = new ProfileEvent[count];
        var time = StartMs + random.NextInt64(86_400_000);
        for (var i = 0; i < count; i++)
        {
            var scale = Scales[random.Next(scales)];
            // Sometimes a window must end exactly on an event.
            time += random.Next(8) == 0 ? scale : random.NextInt64(scale + 1);
            if (i > 0 && random.Next(20) == 0)
            {
                time = Math.Max(time, events[random.Next(i)].TimeMs + plan.RetentionMs);
            }
            events[i] = Event(random, plan, i, time);
        }
        return events;
    }

    public static ProfileEvent Event(Random random, EntityPlan plan, int number, long timeMs)
    {
        var drawn = new ProfileEvent
        {
            TimeMs = timeMs,
            Id = ProfileEvent.IdOf($"t{number}"),
            Amount = (long)Math.Pow(10, random.NextDouble() * 12) - 1,
            LatitudeE4 = ProfileEvent.NoLocation,
        };
        for (var d = 0; d < plan.Dimensions.Length; d++)
        {
            drawn.Dimensions[d] = random.Next(5) == 0 ? 0 : (uint)random.Next(1, d == 0 ? 1 << 24 : 12);
        }
        if (plan.KeepsLocation && random.Next(3) > 0)
        {
            drawn.LatitudeE4 = random.Next(-900_000, 900_001);
            drawn.LongitudeE4 = random.Next(-1_800_000, 1_800_001);
        }
        if (plan.Filters.Length > 0)
        {
            drawn.Filters = (byte)random.Next(1 << plan.Filters.Length);
        }
        return drawn;
    }

    /// <summary>The same events, of which some, or all, have an unknown amount.</summary>
    public static ProfileEvent[] WithUnknownAmounts(Random random, ProfileEvent[] events)
    {
        var share = random.Next(4) == 0 ? 1 : random.NextDouble() / 2;
        return Array.ConvertAll(events, e => e with { Amount = random.NextDouble() < share ? DecimalAmount.Unknown : e.Amount });
    }

    /// <summary>
    /// Draws labels in order of arrival, several of most payments: repeated, corrected, and corrected again. No two are equal.
    /// </summary>
    public static ProfileLabel[] Relabelled(Random random, int count, int payments) =>
        [.. Labels(random, count).Select(l => l with { Id = ProfileEvent.IdOf($"t{random.Next(payments)}") }).Distinct()];

    /// <summary>Shuffles labels, but keeps those of each payment in order: the log is keyed by card.</summary>
    public static void ShufflePayments(Random random, ProfileLabel[] labels)
    {
        var queues = labels.GroupBy(l => l.Id).ToDictionary(g => g.Key, g => new Queue<ProfileLabel>(g));
        random.Shuffle(labels);
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = queues[labels[i].Id].Dequeue();
        }
    }

    public static ProfileLabel[] Labels(Random random, int count)
    {
        var labels = new ProfileLabel[count];
        var time = StartMs;
        for (var i = 0; i < count; i++)
        {
            time += random.NextInt64(Scales[random.Next(Scales.Length)] + 1);
            labels[i] = new ProfileLabel(ProfileEvent.IdOf($"t{i}"), time, random.Next(2) == 0);
        }
        return labels;
    }
}
