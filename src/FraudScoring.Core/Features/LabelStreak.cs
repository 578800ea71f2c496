namespace FraudScoring.Core.Features;

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
    /// <summary>Reads the streak from a profile.</summary>
    public static LabelStreak Of(EntityProfile profile, long nowMs)
    {
        var (count, start, fraud) = (0, 0L, default(bool?));
        var recent = profile.Recent;
        for (var i = recent.Length - 1; i >= 0; i--)
        {
            var verdict = recent[i].TimeMs < nowMs ? VerdictOf(profile, recent[i], nowMs) : null;
            if (verdict is null)
            {
                continue;
            }
            fraud ??= verdict;
            if (verdict != fraud)
            {
                return Of(count, start, fraud, isCut: false);
            }
            count++;
            start = recent[i].TimeMs;
        }
        return Of(count, start, fraud, isCut: recent.Length == profile.Plan.RecentCapacity);
    }

    private static LabelStreak Of(int count, long startMs, bool? fraud, bool isCut) =>
        new(fraud == true ? count : 0, fraud == false ? count : 0, startMs, isCut);

    private static bool? VerdictOf(EntityProfile profile, in ProfileEvent payment, long nowMs) =>
        profile.Labels.VerdictOf(payment.Id, nowMs) ?? (nowMs - payment.TimeMs > profile.Plan.MaturityMs ? false : null);
}
