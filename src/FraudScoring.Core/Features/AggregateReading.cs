using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Core.Features;

/// <summary>The values of one entity's aggregates for one payment.</summary>
/// <param name="profile">The entity's history.</param>
/// <param name="payment">The payment to score, which is not part of it.</param>
/// <param name="statistics">The statistics of each of the plan's windows.</param>
/// <param name="streak">How the known labels end.</param>
/// <param name="unit">Minor units per unit of the reference currency.</param>
internal readonly ref struct AggregateReading(
    EntityProfile profile, Payment payment, ReadOnlySpan<WindowStatistics> statistics, LabelStreak streak, double unit)
{
    private readonly ReadOnlySpan<WindowStatistics> _statistics = statistics;
    private readonly LabelStreak _streak = streak;
    private readonly double _unit = unit;

    /// <summary>The value of one aggregate; NaN when it is missing.</summary>
    public double Of(in AggregateInstruction instruction) => instruction.Aggregate switch
    {
        Aggregate.Count => _statistics[instruction.Window].Count,
        Aggregate.Sum => _statistics[instruction.Window].Sum / _unit,
        Aggregate.Mean => _statistics[instruction.Window].Mean / _unit,
        Aggregate.Deviation => _statistics[instruction.Window].Deviation / _unit,
        Aggregate.Min => _statistics[instruction.Window].Min / _unit,
        Aggregate.Max => _statistics[instruction.Window].Max / _unit,
        Aggregate.FraudStreak => _streak.Frauds,
        Aggregate.LegitimateStreak => _streak.Legitimate,
        Aggregate.TimeSinceStreakStart => _streak.Frauds > 0 ? (payment.EventTimeMs - _streak.StartMs) / 1000.0 : double.NaN,
        Aggregate.StreakMin => _streak.Frauds > 0 ? _streak.Smallest / _unit : double.NaN,
        Aggregate.StreakMax => _streak.Frauds > 0 ? _streak.Largest / _unit : double.NaN,
        Aggregate.TimeSinceLegitimate => _streak.LegitimateMs is { } legitimate ? (payment.EventTimeMs - legitimate) / 1000.0 : double.NaN,
        Aggregate.FraudCount => profile.Labels.FraudCount(payment.EventTimeMs, profile.Plan.LabelWindows[instruction.Window]),
        Aggregate.FraudRate => profile.Labels.FraudRate(payment.EventTimeMs, profile.Plan.LabelWindows[instruction.Window]),
        Aggregate.Attempts => profile.Attempts.IsKnown ? profile.Attempts.Count(payment.EventTimeMs, instruction.SpanMs) : double.NaN,
        _ => instruction.Window >= 0 ? InWindow(instruction, profile.Plan.Windows[instruction.Window]) : Latest(instruction),
    };

    private double InWindow(in AggregateInstruction instruction, EventWindow window)
    {
        var now = payment.EventTimeMs;
        var count = _statistics[instruction.Window].Count;
        switch (instruction.Aggregate)
        {
            case Aggregate.Distinct:
                return ProfileReadings.Distinct(profile, window, instruction.Dimension, now);
            case Aggregate.DistinctRatio:
                // A sketch may count more values than there are payments.
                return count > 0 ? Math.Min(1, ProfileReadings.Distinct(profile, window, instruction.Dimension, now) / count) : double.NaN;
            case Aggregate.CountSame:
                var value = profile.Plan.Dimensions[instruction.Dimension].ValueOf(payment);
                return value == 0 ? double.NaN : ProfileReadings.CountSame(profile, window, instruction.Dimension, value, now);
            case Aggregate.CountUnusual:
                return AmountQuantile.CountAbove(profile, window, instruction.Times, now);
            case Aggregate.Rate:
                return count / ProfileReadings.DaysKnown(profile, window, now);
            case Aggregate.DecayedSum:
                return ProfileReadings.DecayedSum(profile, window, instruction.SpanMs, now) / _unit;
            default:
                return AmountQuantile.Of(profile, window, instruction.Quantile, now) / _unit;
        }
    }

    private double Latest(in AggregateInstruction instruction)
    {
        var now = payment.EventTimeMs;
        switch (instruction.Aggregate)
        {
            case Aggregate.TimeSinceLast:
                var last = ProfileReadings.LastBefore(profile, now, instruction.Filter);
                return last < 0 ? double.NaN : (now - profile.Recent[last].TimeMs) / 1000.0;
            case Aggregate.Last:
                last = ProfileReadings.LastBefore(profile, now, instruction.Filter);
                return last < 0 ? double.NaN : profile.Recent[last].Amount / _unit;
            case Aggregate.TimeSinceFirst:
                var first = instruction.Filter < 0 ? profile.FirstMs : profile.FilterFirstMs[instruction.Filter];
                return first < now ? (now - first) / 1000.0 : double.NaN;
            case Aggregate.Distance:
                return ProfileReadings.TryTravel(profile, payment.Latitude, payment.Longitude, now, out var km, out _) ? km : double.NaN;
            case Aggregate.Speed:
                return ProfileReadings.TryTravel(profile, payment.Latitude, payment.Longitude, now, out km, out var hours)
                    ? km / Math.Max(hours, 1.0 / 60) : double.NaN;
            default:
                return profile.Labels.LastFraudMs(now) is { } fraud ? (now - fraud) / 1000.0 : double.NaN;
        }
    }
}
