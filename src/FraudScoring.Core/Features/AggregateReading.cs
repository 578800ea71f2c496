using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Core.Features;

/// <summary>The input of the aggregates of one entity, for one payment.</summary>
/// <param name="profile">The entity's history.</param>
/// <param name="payment">The payment to score, which is not part of the history.</param>
/// <param name="unit">Minor units per unit of the reference currency.</param>
internal readonly ref struct AggregateReading(EntityProfile profile, Payment payment, double unit)
{
    public readonly EntityProfile Profile = profile;

    public readonly Payment Payment = payment;

    /// <summary>Minor units per unit of the reference currency.</summary>
    public readonly double Unit = unit;

    /// <summary>The statistics of the plan's windows, by index.</summary>
    public ReadOnlySpan<WindowStatistics> Windows { get; init; }

    /// <summary>The labels of the entity's payments. Only aggregates over labels may read them, their counts and the streak.</summary>
    public LabelHistory? Labels { get; init; }

    /// <summary>The counts of the plan's windows over labels, by index.</summary>
    public ReadOnlySpan<LabelCounts> LabelCounts { get; init; }

    /// <summary>The streak of labels that the recent payments end with.</summary>
    public LabelStreak Streak { get; init; }

    /// <summary>Time of the payment, milliseconds since the Unix epoch.</summary>
    public long NowMs => Payment.EventTimeMs;

    public ref readonly WindowStatistics Statistics(in AggregateInstruction instruction) => ref Windows[instruction.Window];

    public EventWindow Window(in AggregateInstruction instruction) => Profile.Plan.Windows[instruction.Window];

    public ref readonly LabelCounts Counts(in AggregateInstruction instruction) => ref LabelCounts[instruction.Window];

    /// <summary>Number of distinct values of the instruction's dimension in its window.</summary>
    public double Distinct(in AggregateInstruction instruction) =>
        ProfileReadings.Distinct(Profile, Window(instruction), instruction.Dimension, NowMs);

    /// <summary>Number of recent payments of the window with the value of this payment; NaN if this payment has none.</summary>
    public double CountSame(in AggregateInstruction instruction)
    {
        var value = Profile.Plan.Dimensions[instruction.Dimension].ValueOf(Payment);
        return value == 0 ? double.NaN : ProfileReadings.CountSame(Profile, Window(instruction), instruction.Dimension, value, NowMs);
    }

    /// <summary>A quantile of the window's amounts, in units of the reference currency.</summary>
    public double Quantile(in AggregateInstruction instruction) =>
        AmountQuantile.Compute(Profile, Window(instruction), instruction.Quantile, NowMs) / Unit;

    /// <summary>Time of the first payment that passed the instruction's filter; <see cref="long.MaxValue"/> if there is none.</summary>
    public long FirstMs(in AggregateInstruction instruction) =>
        instruction.Filter < 0 ? Profile.FirstMs : Profile.FilterFirstMs[instruction.Filter];

    /// <summary>Index of the newest recent payment that passes the instruction's filter; -1 if there is none.</summary>
    public int Newest(in AggregateInstruction instruction) => ProfileReadings.LastBefore(Profile, NowMs, instruction.Filter);

    /// <summary>Distance in kilometres and time in hours since the newest payment with a location; false if there is none.</summary>
    public bool TryTravel(out double km, out double hours) =>
        ProfileReadings.TryTravel(Profile, Payment.Latitude, Payment.Longitude, NowMs, out km, out hours);

    public double SecondsSince(long timeMs) => (NowMs - timeMs) / (double)MillisecondsPer.Second;
}
