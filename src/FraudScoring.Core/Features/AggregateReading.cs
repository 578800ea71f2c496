using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Core.Features;

/// <summary>What the aggregates of one entity are computed from, for one payment.</summary>
/// <param name="profile">The entity's history.</param>
/// <param name="payment">The payment to score, which is not part of it.</param>
/// <param name="statistics">The statistics of each of the plan's windows.</param>
/// <param name="streak">How the known labels end.</param>
/// <param name="unit">Minor units per unit of the reference currency.</param>
internal readonly ref struct AggregateReading(
    EntityProfile profile, Payment payment, ReadOnlySpan<WindowStatistics> statistics, LabelStreak streak, double unit)
{
    private readonly ReadOnlySpan<WindowStatistics> _statistics = statistics;

    /// <summary>The entity's history.</summary>
    public readonly EntityProfile Profile = profile;

    /// <summary>The payment to score.</summary>
    public readonly Payment Payment = payment;

    /// <summary>How the known labels end.</summary>
    public readonly LabelStreak Streak = streak;

    /// <summary>Minor units per unit of the reference currency.</summary>
    public readonly double Unit = unit;

    /// <summary>Time of the payment, milliseconds since the Unix epoch.</summary>
    public long NowMs => Payment.EventTimeMs;

    /// <summary>The statistics of the instruction's window.</summary>
    public ref readonly WindowStatistics Statistics(in AggregateInstruction instruction) => ref _statistics[instruction.Window];

    /// <summary>The instruction's window over payments.</summary>
    public EventWindow Window(in AggregateInstruction instruction) => Profile.Plan.Windows[instruction.Window];

    /// <summary>The instruction's window over the arrival of labels.</summary>
    public LabelWindow LabelWindow(in AggregateInstruction instruction) => Profile.Plan.LabelWindows[instruction.Window];

    /// <summary>Distinct values of the instruction's dimension in its window.</summary>
    public double Distinct(in AggregateInstruction instruction) =>
        ProfileReadings.Distinct(Profile, Window(instruction), instruction.Dimension, NowMs);

    /// <summary>Recent payments of the window with the payment's own value; NaN when it has none.</summary>
    public double CountSame(in AggregateInstruction instruction)
    {
        var value = Profile.Plan.Dimensions[instruction.Dimension].ValueOf(Payment);
        return value == 0 ? double.NaN : ProfileReadings.CountSame(Profile, Window(instruction), instruction.Dimension, value, NowMs);
    }

    /// <summary>The amount that a share of the window's amounts do not exceed, units of the reference currency.</summary>
    public double Quantile(in AggregateInstruction instruction) =>
        AmountQuantile.Compute(Profile, Window(instruction), instruction.Quantile, NowMs) / Unit;

    /// <summary>The time of the first payment that passed the instruction's filter; <see cref="long.MaxValue"/> when there is none.</summary>
    public long FirstMs(in AggregateInstruction instruction) =>
        instruction.Filter < 0 ? Profile.FirstMs : Profile.FilterFirstMs[instruction.Filter];

    /// <summary>The newest recent payment that passes the instruction's filter, as an index; -1 when there is none.</summary>
    public int Newest(in AggregateInstruction instruction) => ProfileReadings.LastBefore(Profile, NowMs, instruction.Filter);

    /// <summary>Kilometres, and hours passed, from the newest located payment; false when there is none.</summary>
    public bool TryTravel(out double km, out double hours) =>
        ProfileReadings.TryTravel(Profile, Payment.Latitude, Payment.Longitude, NowMs, out km, out hours);

    /// <summary>Seconds from an instant to the payment.</summary>
    public double SecondsSince(long timeMs) => (NowMs - timeMs) / (double)MillisecondsPer.Second;
}
