using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Core.Features;

/// <summary>
/// The table of aggregates. Everything about an aggregate derives from its entry: the members of features, the content of profiles,
/// descriptions, values and their states. An entry's position is its code in a compiled catalogue.
/// </summary>
internal static class Aggregates
{
    private const AggregateMembers OverPayments = AggregateMembers.Window | AggregateMembers.Delay | AggregateMembers.Filter;
    private const AggregateMembers OverLabels = AggregateMembers.Window | AggregateMembers.Delay;

    public static readonly Aggregate[] All =
    [
        new()
        {
            Name = "count",
            Text = "Number of payments in the window.",
            Members = OverPayments, Source = AggregateSource.Payments,
            Unit = "payments", ErrorBound = ErrorBound.Tiles,
            Evaluate = static (in r, in i) => r.Statistics(i).Count,
        },
        new()
        {
            Name = "sum",
            Text = "Sum of amounts in the window.",
            Members = OverPayments, Source = AggregateSource.Payments, Tiles = TileContents.Sum,
            Unit = null, ErrorBound = ErrorBound.Tiles,
            Evaluate = static (in r, in i) => r.Statistics(i).Sum / r.Unit,
        },
        new()
        {
            Name = "mean",
            Text = "Mean amount in the window; missing without payments.",
            Members = OverPayments, Source = AggregateSource.Payments, Tiles = TileContents.Sum,
            Unit = null, ErrorBound = ErrorBound.Tiles,
            Evaluate = static (in r, in i) => r.Statistics(i).Mean / r.Unit,
        },
        new()
        {
            Name = "deviation",
            Text = "Population standard deviation of amounts in the window; missing without payments.",
            Members = OverPayments, Source = AggregateSource.Payments, Tiles = TileContents.Sum | TileContents.Squares,
            Unit = null, ErrorBound = ErrorBound.Tiles,
            Evaluate = static (in r, in i) => r.Statistics(i).Deviation / r.Unit,
        },
        new()
        {
            Name = "min",
            Text = "Smallest amount in the window; missing without payments.",
            Members = OverPayments, Source = AggregateSource.Payments, Tiles = TileContents.Min,
            Unit = null, ErrorBound = ErrorBound.Tiles,
            Evaluate = static (in r, in i) => r.Statistics(i).Min / r.Unit,
        },
        new()
        {
            Name = "max",
            Text = "Largest amount in the window; missing without payments.",
            Members = OverPayments, Source = AggregateSource.Payments, Tiles = TileContents.Max,
            Unit = null, ErrorBound = ErrorBound.Tiles,
            Evaluate = static (in r, in i) => r.Statistics(i).Max / r.Unit,
        },
        new()
        {
            Name = "distinct",
            Text = "Number of distinct values of a field in the window.",
            Members = OverPayments | AggregateMembers.Value, Source = AggregateSource.Payments,
            Unit = "values", ErrorBound = ErrorBound.Sketches,
            Evaluate = static (in r, in i) => r.Distinct(i),
        },
        new()
        {
            Name = "count_same",
            Text = "Number of recent payments in the window that have the same value of a field as this payment.",
            Members = OverPayments | AggregateMembers.Value, Source = AggregateSource.RecentPayments,
            Unit = "payments", ErrorBound = ErrorBound.RecentPayments, IsLimited = RecentPaymentsAreCut,
            Evaluate = static (in r, in i) => r.CountSame(i),
        },
        new()
        {
            Name = "time_since_last",
            Text = "Seconds since the newest payment; missing without one within the longest window.",
            Members = AggregateMembers.Filter, Source = AggregateSource.NewestPayment,
            Unit = "seconds", ErrorBound = ErrorBound.NewestPayment,
            Evaluate = static (in r, in i) =>
                r.Newest(i) is >= 0 and var newest ? r.SecondsSince(r.Profile.Recent[newest].TimeMs) : double.NaN,
        },
        new()
        {
            Name = "time_since_first",
            Text = "Seconds since the oldest payment ever seen; missing without payments.",
            Members = AggregateMembers.Filter, Source = AggregateSource.FirstPayment,
            Unit = "seconds", ErrorBound = ErrorBound.Exact,
            Evaluate = static (in r, in i) => r.FirstMs(i) < r.NowMs ? r.SecondsSince(r.FirstMs(i)) : double.NaN,
        },
        new()
        {
            Name = "distance",
            Text = "Great-circle kilometres from the newest located payment; missing without one within the longest window.",
            Members = AggregateMembers.None, Source = AggregateSource.Locations,
            Unit = "km", ErrorBound = ErrorBound.Exact,
            Evaluate = static (in r, in i) => r.TryTravel(out var km, out _) ? km : double.NaN,
        },
        new()
        {
            Name = "speed",
            Text = "Kilometres per hour from the newest located payment; missing without one within the longest window.",
            Members = AggregateMembers.None, Source = AggregateSource.Locations,
            Unit = "km/h", ErrorBound = ErrorBound.Exact,
            // At least a minute: two payments within a second would otherwise be infinitely fast.
            Evaluate = static (in r, in i) => r.TryTravel(out var km, out var hours) ? km / Math.Max(hours, 1.0 / 60) : double.NaN,
        },
        new()
        {
            Name = "fraud_count",
            Text = "Number of payments that became known as fraud in the window and still are.",
            Members = OverLabels, Source = AggregateSource.FraudLabels,
            Unit = "payments", ErrorBound = ErrorBound.Frauds,
            Evaluate = static (in r, in i) => r.Counts(i).Frauds,
        },
        new()
        {
            Name = "time_since_fraud",
            Text = "Seconds since a payment that still is fraud last became known as such; missing when none is kept.",
            Members = AggregateMembers.None, Source = AggregateSource.NewestFraud,
            Unit = "seconds", ErrorBound = ErrorBound.NewestLabels,
            Evaluate = static (in r, in i) => r.Labels!.LastFraudMs(r.NowMs) is { } fraud ? r.SecondsSince(fraud) : double.NaN,
        },
        new()
        {
            Name = "last",
            Text = "Amount of the newest payment; missing without one within the longest window, or if its amount is unknown.",
            Members = AggregateMembers.Filter, Source = AggregateSource.NewestPayment,
            Unit = null, ErrorBound = ErrorBound.NewestPayment,
            Evaluate = static (in r, in i) =>
                r.Newest(i) is >= 0 and var newest && r.Profile.Recent[newest].Amount is >= 0 and var amount ? amount / r.Unit : double.NaN,
        },
        new()
        {
            Name = "distinct_ratio",
            Text = "Distinct values of a field over payments in the window, 0 to 1; missing when there is no payment.",
            Members = OverPayments | AggregateMembers.Value, Source = AggregateSource.Payments,
            Unit = "share, 0-1", ErrorBound = ErrorBound.Sketches,
            // A sketch is an estimate, and may exceed the number of payments.
            Evaluate = static (in r, in i) =>
                r.Statistics(i).Count is > 0 and var count ? Math.Min(1, r.Distinct(i) / count) : double.NaN,
        },
        new()
        {
            Name = "rate",
            Text = "Payments per day over the part of the window in which the entity was known; missing when there is no such part.",
            Members = OverPayments, Source = AggregateSource.Payments,
            Unit = "payments/day", ErrorBound = ErrorBound.Tiles,
            Evaluate = static (in r, in i) => r.Statistics(i).Count / ProfileReadings.DaysKnown(r.Profile, r.Window(i), r.NowMs),
        },
        new()
        {
            Name = "decayed_sum",
            Text = "Sum of amounts in the window, each halved once per half-life of its age.",
            Members = OverPayments | AggregateMembers.HalfLife, Source = AggregateSource.Payments, Tiles = TileContents.Sum,
            Unit = null, ErrorBound = ErrorBound.DecayedTiles,
            Evaluate = static (in r, in i) => ProfileReadings.DecayedSum(r.Profile, r.Window(i), i.SpanMs, r.NowMs) / r.Unit,
        },
        new()
        {
            Name = "median",
            Text = "The smallest amount that half of the window's amounts do not exceed; missing without payments.",
            Members = OverPayments, Source = AggregateSource.Payments, Tiles = TileContents.Amounts,
            Unit = null, ErrorBound = ErrorBound.Histograms,
            Evaluate = static (in r, in i) => r.Quantile(i),
        },
        new()
        {
            Name = "quantile",
            Text = "The smallest amount that a given share of the window's amounts do not exceed; missing without payments.",
            Members = OverPayments | AggregateMembers.Quantile, Source = AggregateSource.Payments, Tiles = TileContents.Amounts,
            Unit = null, ErrorBound = ErrorBound.Histograms,
            Evaluate = static (in r, in i) => r.Quantile(i),
        },
        new()
        {
            Name = "fraud_rate",
            Text = "Frauds over all payments that became known as either in the window, 0 to 1; missing without labels.",
            Members = OverLabels, Source = AggregateSource.AllLabels,
            Unit = "share, 0-1", ErrorBound = ErrorBound.Labels,
            Evaluate = static (in r, in i) => r.Counts(i).FraudRate,
        },
        new()
        {
            Name = "fraud_streak",
            Text = "Frauds in a row at the end, by payment time, of the recent payments with a known label.",
            Members = AggregateMembers.None, Source = AggregateSource.Streak,
            Unit = "payments", ErrorBound = ErrorBound.Streak, IsLimited = FraudsAreCut,
            Evaluate = static (in r, in i) => r.Streak.Frauds,
        },
        new()
        {
            Name = "legitimate_streak",
            Text = "Recent payments known as legitimate since the last one known as fraud.",
            Members = AggregateMembers.None, Source = AggregateSource.Streak,
            Unit = "payments", ErrorBound = ErrorBound.Streak, IsLimited = LegitimateAreCut,
            Evaluate = static (in r, in i) => r.Streak.Legitimate,
        },
        new()
        {
            Name = "time_since_streak_start",
            Text = "Seconds since the first payment of the current streak of frauds; missing when the newest known label is no fraud.",
            Members = AggregateMembers.None, Source = AggregateSource.Streak,
            Unit = "seconds", ErrorBound = ErrorBound.Streak, IsLimited = FraudsAreCut,
            Evaluate = static (in r, in i) => r.Streak.Frauds > 0 ? r.SecondsSince(r.Streak.StartMs) : double.NaN,
        },
        new()
        {
            Name = "attempts",
            Text = "Number of requests to score a payment of the entity in the window, this one included.",
            Members = AggregateMembers.Window, Source = AggregateSource.Attempts,
            Unit = "requests", ErrorBound = ErrorBound.Attempts, IsLimited = AttemptsAreCut,
            Evaluate = static (in r, in i) => r.Profile.Attempts.IsKnown ? r.Profile.Attempts.Count(r.NowMs, i.SpanMs) : double.NaN,
        },
        new()
        {
            Name = "count_unusual",
            Text = "Number of payments in the window above so many times the median of the recent payments; missing when there are none.",
            Members = OverPayments | AggregateMembers.Times, Source = AggregateSource.RecentPayments,
            Unit = "payments", ErrorBound = ErrorBound.RecentPayments,
            Evaluate = static (in r, in i) => AmountQuantile.CountAbove(r.Profile, r.Window(i), i.Times, r.NowMs),
        },
        new()
        {
            Name = "time_since_legitimate",
            Text = "Seconds since the newest payment known as legitimate; missing without one.",
            Members = AggregateMembers.None, Source = AggregateSource.Streak,
            Unit = "seconds", ErrorBound = ErrorBound.Streak,
            Evaluate = static (in r, in i) => r.Streak.LegitimateMs is { } legitimate ? r.SecondsSince(legitimate) : double.NaN,
        },
        new()
        {
            Name = "streak_min",
            Text = "Smallest amount of the current streak of frauds; missing when the newest known label is no fraud.",
            Members = AggregateMembers.None, Source = AggregateSource.Streak,
            Unit = null, ErrorBound = ErrorBound.Streak, IsLimited = FraudsAreCut,
            Evaluate = static (in r, in i) => r.Streak is { Frauds: > 0, Largest: >= 0 } ? r.Streak.Smallest / r.Unit : double.NaN,
        },
        new()
        {
            Name = "streak_max",
            Text = "Largest amount of the current streak of frauds; missing when the newest known label is no fraud.",
            Members = AggregateMembers.None, Source = AggregateSource.Streak,
            Unit = null, ErrorBound = ErrorBound.Streak, IsLimited = FraudsAreCut,
            Evaluate = static (in r, in i) => r.Streak is { Frauds: > 0, Largest: >= 0 } ? r.Streak.Largest / r.Unit : double.NaN,
        },
    ];

    private static bool RecentPaymentsAreCut(EntityProfile profile, in AggregateInstruction instruction, long nowMs) =>
        // A full list that reaches back beyond the window has lost none of its payments.
        profile.RecentCount == profile.Plan.RecentCapacity
        && profile.Recent[0].TimeMs > profile.Plan.Windows[instruction.Window].SinceMs(nowMs);

    private static bool FraudsAreCut(EntityProfile profile, in AggregateInstruction instruction, long nowMs) =>
        LabelStreak.Compute(profile, nowMs) is { IsCut: true, Frauds: > 0 };

    private static bool LegitimateAreCut(EntityProfile profile, in AggregateInstruction instruction, long nowMs) =>
        LabelStreak.Compute(profile, nowMs) is { IsCut: true, Legitimate: > 0 };

    private static bool AttemptsAreCut(EntityProfile profile, in AggregateInstruction instruction, long nowMs) =>
        profile.Attempts.IsCut(nowMs, instruction.SpanMs);
}
