using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Profiles;

/// <summary>
/// The streak of equal labels that an entity's recent payments end with, by payment time. Only labels that arrived before now are known. A
/// payment without a label counts as legitimate once it is older than the plan's maturity, and is skipped until then.
/// </summary>
/// <remarks>
/// Reads only recent payments and labels that are kept individually; a longer streak is counted as far as they reach back. Frauds are kept
/// longest: the fraud of a recent payment is missed only behind <see cref="EntityPlan.FraudCapacity"/> newer ones. The legitimate label of
/// a recent payment may leave the list; the payment is then skipped until it is old enough to count as legitimate without one.
/// </remarks>
/// <param name="Frauds">Length of a streak of frauds; 0 if the newest known label is legitimate.</param>
/// <param name="Legitimate">Length of a streak of legitimate payments; 0 if the newest known label is fraud.</param>
/// <param name="StartMs">Payment time of the streak's first payment, in milliseconds since the Unix epoch.</param>
/// <param name="IsCut">True if the streak may be longer: it reaches the oldest payment of a full list.</param>
public readonly record struct LabelStreak(int Frauds, int Legitimate, long StartMs, bool IsCut)
{
    /// <summary>Smallest amount of a streak of frauds, in minor units; the greatest number if none is known.</summary>
    public long Smallest { get; init; }

    /// <summary>Largest amount of a streak of frauds, in minor units; negative if none is known.</summary>
    public long Largest { get; init; }

    /// <summary>
    /// Payment time of the newest payment known as legitimate, in milliseconds since the Unix epoch; null if there is none.
    /// </summary>
    public long? LegitimateMs { get; init; }

    /// <summary>Computes the streak of a profile.</summary>
    public static LabelStreak Compute(EntityProfile profile, long nowMs) => Compute(profile, profile.Labels, nowMs);

    /// <summary>Computes the streak of a profile's payments with the given labels.</summary>
    internal static LabelStreak Compute(EntityProfile profile, LabelHistory history, long nowMs)
    {
        Span<short> cells = stackalloc short[PaymentLabels.Size];
        cells.Clear();
        var labels = new PaymentLabels(history, nowMs, cells);
        var (count, start, fraud) = (0, 0L, default(bool?));
        var (smallest, largest, legitimate) = (long.MaxValue, -1L, default(long?));
        var recent = profile.Recent;
        for (var i = recent.Length - 1; i >= 0; i--)
        {
            var label = recent[i].TimeMs < nowMs ? LabelOf(profile.Plan, recent[i], nowMs, labels) : null;
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
            if (recent[i].Amount >= 0)
            {
                (smallest, largest) = (Math.Min(smallest, recent[i].Amount), Math.Max(largest, recent[i].Amount));
            }
        }
        return Streak(isCut: recent.Length == profile.Plan.RecentCapacity);

        LabelStreak Streak(bool isCut) => fraud == true
            ? new(count, 0, start, isCut) { Smallest = smallest, Largest = largest, LegitimateMs = legitimate }
            : new(0, count, start, isCut) { LegitimateMs = legitimate };
    }

    private static bool? LabelOf(EntityPlan plan, in ProfileEvent payment, long nowMs, in PaymentLabels labels) =>
        // Legitimate payments may never get a label. Before this age, a missing one may still become a fraud.
        labels.IsFraud(payment.Id) ?? (nowMs - payment.TimeMs > plan.MaturityMs ? false : null);
}
