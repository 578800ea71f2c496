namespace FraudScoring.Core.Profiles;

/// <summary>
/// The streak of equal labels that an entity's recent payments end with, by payment time. Only labels that arrived before now are known. A
/// payment without a label counts as legitimate once it is older than the plan's maturity, and is skipped until then.
/// </summary>
/// <remarks>
/// Reads only recent payments and labels that are kept individually; a longer streak is counted as far as they reach back.
/// </remarks>
/// <param name="Frauds">Length of a streak of frauds; 0 if the newest known label is legitimate.</param>
/// <param name="Legitimate">Length of a streak of legitimate payments; 0 if the newest known label is fraud.</param>
/// <param name="StartMs">Payment time of the streak's first payment, in milliseconds since the Unix epoch.</param>
/// <param name="IsCut">True if the streak may be longer: it reaches the oldest payment of a full list.</param>
public readonly record struct LabelStreak(int Frauds, int Legitimate, long StartMs, bool IsCut)
{
    /// <summary>Smallest amount of a streak of frauds, in minor units.</summary>
    public long Smallest { get; init; }

    /// <summary>Largest amount of a streak of frauds, in minor units.</summary>
    public long Largest { get; init; }

    /// <summary>
    /// Payment time of the newest payment known as legitimate, in milliseconds since the Unix epoch; null if there is none.
    /// </summary>
    public long? LegitimateMs { get; init; }

    /// <summary>Cells of the hash table: twice the maximum number of labels, so that few collide.</summary>
    private const int TableSize = 512;

    /// <summary>Computes the streak of a profile.</summary>
    public static LabelStreak Compute(EntityProfile profile, long nowMs)
    {
        // A hash table on the stack: a scan of the labels per payment would take 256 * 256 steps at worst, a dictionary would allocate.
        Span<short> table = stackalloc short[TableSize];
        table.Clear();
        Index(profile.Labels.Kept, nowMs, table);
        var (count, start, fraud) = (0, 0L, default(bool?));
        var (smallest, largest, legitimate) = (long.MaxValue, 0L, default(long?));
        var recent = profile.Recent;
        for (var i = recent.Length - 1; i >= 0; i--)
        {
            var label = recent[i].TimeMs < nowMs ? LabelOf(profile, recent[i], nowMs, table) : null;
            if (label is null)
            {
                continue;
            }
            // The newest known label decides the kind of streak. Payments whose label may still come do not interrupt it.
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

    /// <summary>
    /// Enters each known label's index + 1 by its id, with linear probing. Ids are hashes, so their low bits select the cell.
    /// </summary>
    private static void Index(ReadOnlySpan<ProfileLabel> labels, long nowMs, Span<short> table)
    {
        for (var i = 0; i < labels.Length && labels[i].LabelTimeMs < nowMs; i++)
        {
            var cell = (int)labels[i].Id & (TableSize - 1);
            while (table[cell] != 0)
            {
                cell = (cell + 1) & (TableSize - 1);
            }
            table[cell] = (short)(i + 1);
        }
    }

    private static bool? LabelOf(EntityProfile profile, in ProfileEvent payment, long nowMs, ReadOnlySpan<short> table)
    {
        var labels = profile.Labels.Kept;
        for (var cell = (int)payment.Id & (TableSize - 1); table[cell] != 0; cell = (cell + 1) & (TableSize - 1))
        {
            if (labels[table[cell] - 1].Id == payment.Id)
            {
                return labels[table[cell] - 1].Fraud;
            }
        }
        // Legitimate payments may never get a label. Before this age, a missing one may still become a fraud.
        return nowMs - payment.TimeMs > profile.Plan.MaturityMs ? false : null;
    }
}
