namespace FraudScoring.Core.Profiles;

/// <summary>
/// How the known labels of an entity's recent payments end, by payment time. A label is known when it arrived before now; a payment
/// without one is legitimate once it is older than the plan's maturity, and is passed over until then.
/// </summary>
/// <remarks>Only recent payments and exact labels are looked at, so a longer row is counted as far as they reach.</remarks>
/// <param name="Frauds">Frauds in a row at the end.</param>
/// <param name="Legitimate">Legitimate payments since the last fraud.</param>
/// <param name="StartMs">Payment time of the first of the frauds in a row, milliseconds since the Unix epoch.</param>
/// <param name="IsCut">The row may be longer: it goes on to the oldest payment of a full list.</param>
public readonly record struct LabelStreak(int Frauds, int Legitimate, long StartMs, bool IsCut)
{
    /// <summary>Smallest amount of the frauds in a row, minor units.</summary>
    public long Smallest { get; init; }

    /// <summary>Largest amount of the frauds in a row, minor units.</summary>
    public long Largest { get; init; }

    /// <summary>
    /// Payment time of the newest payment known as legitimate, milliseconds since the Unix epoch; null when there is none.
    /// </summary>
    public long? LegitimateMs { get; init; }

    /// <summary>Twice the most labels there are, so that few share a slot.</summary>
    private const int Slots = 512;

    /// <summary>Reads the streak from a profile.</summary>
    public static LabelStreak Compute(EntityProfile profile, long nowMs)
    {
        Span<short> slots = stackalloc short[Slots];
        slots.Clear();
        Index(profile.Labels.Kept, nowMs, slots);
        var (count, start, fraud) = (0, 0L, default(bool?));
        var (smallest, largest, legitimate) = (long.MaxValue, 0L, default(long?));
        var recent = profile.Recent;
        for (var i = recent.Length - 1; i >= 0; i--)
        {
            var label = recent[i].TimeMs < nowMs ? LabelOf(profile, recent[i], nowMs, slots) : null;
            if (label is null)
            {
                continue;
            }
            fraud ??= label;
            legitimate ??= label == false ? recent[i].TimeMs : null;
            if (label != fraud)
            {
                return Streak(isCut: false);
            }
            count++;
            start = recent[i].TimeMs;
            (smallest, largest) = (Math.Min(smallest, recent[i].Amount), Math.Max(largest, recent[i].Amount));
        }
        return Streak(isCut: recent.Length == profile.Plan.RecentCapacity);

        LabelStreak Streak(bool isCut) => fraud == true
            ? new(count, 0, start, isCut) { Smallest = smallest, Largest = largest, LegitimateMs = legitimate }
            : new(0, count, start, isCut) { LegitimateMs = legitimate };
    }

    /// <summary>Puts each known label's position, counted from 1, where its id says. Ids are hashes already.</summary>
    private static void Index(ReadOnlySpan<ProfileLabel> labels, long nowMs, Span<short> slots)
    {
        for (var i = 0; i < labels.Length && labels[i].LabelTimeMs < nowMs; i++)
        {
            var slot = (int)labels[i].Id & (Slots - 1);
            while (slots[slot] != 0)
            {
                slot = (slot + 1) & (Slots - 1);
            }
            slots[slot] = (short)(i + 1);
        }
    }

    private static bool? LabelOf(EntityProfile profile, in ProfileEvent payment, long nowMs, ReadOnlySpan<short> slots)
    {
        var labels = profile.Labels.Kept;
        for (var slot = (int)payment.Id & (Slots - 1); slots[slot] != 0; slot = (slot + 1) & (Slots - 1))
        {
            if (labels[slots[slot] - 1].Id == payment.Id)
            {
                return labels[slots[slot] - 1].Fraud;
            }
        }
        return nowMs - payment.TimeMs > profile.Plan.MaturityMs ? false : null;
    }
}
