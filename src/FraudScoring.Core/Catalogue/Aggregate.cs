namespace FraudScoring.Core.Catalogue;

/// <summary>What is computed over an entity's history.</summary>
public enum Aggregate
{
    /// <summary>Number of payments in the window.</summary>
    Count,
    /// <summary>Sum of amounts in the window, units of the reference currency.</summary>
    Sum,
    /// <summary>Mean amount in the window; missing when there is none.</summary>
    Mean,
    /// <summary>Population standard deviation of amounts in the window; missing when there is none.</summary>
    Deviation,
    /// <summary>Smallest amount in the window; missing when there is none.</summary>
    Min,
    /// <summary>Largest amount in the window; missing when there is none.</summary>
    Max,
    /// <summary>Number of distinct values of a field in the window.</summary>
    Distinct,
    /// <summary>Number of recent payments in the window that have the same value of a field as this payment.</summary>
    CountSame,
    /// <summary>Seconds since the newest payment; missing when there is none within the longest window.</summary>
    TimeSinceLast,
    /// <summary>Seconds since the oldest payment ever seen; missing when there is none.</summary>
    TimeSinceFirst,
    /// <summary>Great-circle kilometres from the newest located payment; missing when there is none within the longest window.</summary>
    Distance,
    /// <summary>Kilometres per hour from the newest located payment; missing when there is none within the longest window.</summary>
    Speed,
    /// <summary>Number of payments that became known as fraud in the window.</summary>
    FraudCount,
    /// <summary>Seconds since a payment last became known as fraud; missing when none is kept.</summary>
    TimeSinceFraud,
    /// <summary>Amount of the newest payment, in the reference currency; missing when there is none within the longest window.</summary>
    Last,
    /// <summary>Distinct values of a field over payments in the window, 0 to 1; missing when there is no payment.</summary>
    DistinctRatio,
    /// <summary>Payments per day over the part of the window in which the entity was known; missing when there is no such part.</summary>
    Rate,
    /// <summary>Sum of amounts in the window, each halved once per half-life of its age, units of the reference currency.</summary>
    DecayedSum,
    /// <summary>The smallest amount that half of the window's amounts do not exceed; missing when there is none.</summary>
    Median,
    /// <summary>The smallest amount that a given share of the window's amounts do not exceed; missing when there is none.</summary>
    Quantile,
    /// <summary>Frauds over all labels that arrived in the window, 0 to 1; missing when there is none.</summary>
    FraudRate,
    /// <summary>Frauds in a row at the end, by payment time, of the recent payments with a known label.</summary>
    FraudStreak,
    /// <summary>Recent payments known as legitimate since the last one known as fraud.</summary>
    LegitimateStreak,
    /// <summary>Seconds since the first payment of the current row of frauds; missing when the newest known label is no fraud.</summary>
    TimeSinceStreakStart,
    /// <summary>Number of requests to score a payment of the entity in the window, this one included.</summary>
    Attempts,
    /// <summary>Number of payments in the window above so many times the median of the recent payments; missing when there are none.</summary>
    CountUnusual,
    /// <summary>Seconds since the newest payment known as legitimate; missing when there is none.</summary>
    TimeSinceLegitimate,
    /// <summary>Smallest amount of the current row of frauds; missing when the newest known label is no fraud.</summary>
    StreakMin,
    /// <summary>Largest amount of the current row of frauds; missing when the newest known label is no fraud.</summary>
    StreakMax,
}

/// <summary>What the aggregates have in common, and what sets them apart.</summary>
internal static class AggregateTraits
{
    public static bool IsStreak(this Aggregate aggregate) =>
        aggregate.IsOfFraudStreak() || aggregate is Aggregate.LegitimateStreak or Aggregate.TimeSinceLegitimate;

    /// <summary>All of the current row of frauds is looked at.</summary>
    public static bool IsOfFraudStreak(this Aggregate aggregate) => aggregate is Aggregate.FraudStreak or Aggregate.TimeSinceStreakStart or
        Aggregate.StreakMin or Aggregate.StreakMax;

    public static bool ReadsLabels(this Aggregate aggregate) =>
        aggregate is Aggregate.FraudCount or Aggregate.FraudRate or Aggregate.TimeSinceFraud || aggregate.IsStreak();

    public static bool IsOverLabelTime(this Aggregate aggregate) => aggregate is Aggregate.FraudCount or Aggregate.FraudRate;

    public static bool IsTravel(this Aggregate aggregate) => aggregate is Aggregate.Distance or Aggregate.Speed;

    public static bool HasWindow(this Aggregate aggregate) => !aggregate.IsTravel() && !aggregate.IsStreak() && aggregate is not
        (Aggregate.TimeSinceLast or Aggregate.TimeSinceFirst or Aggregate.TimeSinceFraud or Aggregate.Last);

    /// <summary>The window may end before now.</summary>
    public static bool TakesDelay(this Aggregate aggregate) => aggregate.HasWindow() && aggregate != Aggregate.Attempts;

    /// <summary>The aggregate reads a window over payments.</summary>
    public static bool IsOverEventTime(this Aggregate aggregate) => aggregate.TakesDelay() && !aggregate.ReadsLabels();

    public static bool TakesFilter(this Aggregate aggregate) =>
        !aggregate.ReadsLabels() && !aggregate.IsTravel() && aggregate != Aggregate.Attempts;

    public static bool TakesValue(this Aggregate aggregate) =>
        aggregate is Aggregate.Distinct or Aggregate.DistinctRatio or Aggregate.CountSame;

    /// <summary>Distinct values are counted beyond the recent payments.</summary>
    public static bool CountsDistinct(this Aggregate aggregate) => aggregate is Aggregate.Distinct or Aggregate.DistinctRatio;

    /// <summary>Only recent payments are looked at, however long the window is.</summary>
    public static bool IsOfRecentOnly(this Aggregate aggregate) => aggregate is Aggregate.CountSame or Aggregate.CountUnusual;

    /// <summary>The newest payment is looked at.</summary>
    public static bool IsOfNewest(this Aggregate aggregate) => aggregate is Aggregate.TimeSinceLast or Aggregate.Last;

    public static bool IsAmount(this Aggregate aggregate) => aggregate is Aggregate.Sum or Aggregate.Mean or Aggregate.Deviation or
        Aggregate.Min or Aggregate.Max or Aggregate.Last or Aggregate.DecayedSum or Aggregate.Median or Aggregate.Quantile or
        Aggregate.StreakMin or Aggregate.StreakMax;

    /// <summary>What tiles must keep of amounts.</summary>
    public static TileContents Needs(this Aggregate aggregate) => aggregate switch
    {
        Aggregate.Sum or Aggregate.Mean or Aggregate.DecayedSum => TileContents.Sum,
        Aggregate.Deviation => TileContents.Sum | TileContents.Squares,
        Aggregate.Min => TileContents.Min,
        Aggregate.Max => TileContents.Max,
        Aggregate.Median or Aggregate.Quantile => TileContents.Amounts,
        _ => TileContents.None,
    };
}
