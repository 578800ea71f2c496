using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Features;

/// <summary>
/// Fills rows of features. The same code fills them when a payment is scored and when history is replayed for training, so both
/// get the same bits from the same events.
/// </summary>
public static class FeatureBuilder
{
    /// <summary>Fills one row. Allocates nothing.</summary>
    /// <param name="catalogue">What to compute.</param>
    /// <param name="payment">
    /// The payment to score. It is not part of its own history, whether its event has arrived or not (unless so many newer events have
    /// come that its own is in a tile already).
    /// </param>
    /// <param name="amount">The payment's amount in minor units of the reference currency.</param>
    /// <param name="profiles">One profile per entity of the catalogue, in its order; null where history is not known.</param>
    /// <param name="row">Room for one float per feature; NaN stands for a missing value.</param>
    public static void Fill(
        FeatureCatalogue catalogue, Payment payment, long amount, ReadOnlySpan<EntityProfile?> profiles, Span<float> row)
    {
        var program = catalogue.Program;
        foreach (var instruction in program.Payment)
        {
            row[instruction.Feature] = ValueOf(instruction, payment, amount, catalogue);
        }
        for (var e = 0; e < program.AggregatesByEntity.Length; e++)
        {
            FillEntity(program.AggregatesByEntity[e], profiles[e], payment, catalogue, row);
        }
        foreach (var instruction in program.Formulas)
        {
            row[instruction.Feature] = Evaluate(instruction, row);
        }
    }

    private static float ValueOf(PaymentInstruction instruction, Payment payment, long amount, FeatureCatalogue catalogue)
    {
        var hour = HourOfWeek(payment.EventTimeMs);
        return instruction.Value switch
        {
            PaymentValue.Amount => (float)((double)amount / catalogue.ReferenceCurrency.MinorPerUnit),
            PaymentValue.HourOfDay => hour % 24,
            PaymentValue.DayOfWeek => hour / 24,
            PaymentValue.HourOfWeek => hour,
            PaymentValue.IsWeekend => hour >= 120 ? 1 : 0,
            PaymentValue.IsNight => hour % 24 <= 6 ? 1 : 0,
            PaymentValue.Channel => (float)payment.Channel,
            PaymentValue.MerchantCategory => payment.MerchantCategory == 0 ? float.NaN : payment.MerchantCategory,
            PaymentValue.HasDevice => payment.Device is null ? 0 : 1,
            _ => AttributeOf(payment, instruction.Attribute!),
        };
    }

    private static void FillEntity(
        AggregateInstruction[] instructions, EntityProfile? profile, Payment payment, FeatureCatalogue catalogue, Span<float> row)
    {
        if (profile is null)
        {
            foreach (var instruction in instructions)
            {
                row[instruction.Feature] = float.NaN;
            }
            return;
        }
        Span<WindowStatistics> statistics = stackalloc WindowStatistics[EntityPlan.MaxWindows];
        var windows = profile.Plan.Windows;
        for (var w = 0; w < windows.Length; w++)
        {
            statistics[w] = WindowStatistics.Of(profile, windows[w], payment.EventTimeMs);
        }
        double unit = catalogue.ReferenceCurrency.MinorPerUnit;
        foreach (var instruction in instructions)
        {
            row[instruction.Feature] = (float)(instruction.Aggregate switch
            {
                Aggregate.Count => statistics[instruction.Window].Count,
                Aggregate.Sum => statistics[instruction.Window].Sum / unit,
                Aggregate.Mean => statistics[instruction.Window].Mean / unit,
                Aggregate.Deviation => statistics[instruction.Window].Deviation / unit,
                Aggregate.Min => statistics[instruction.Window].Min / unit,
                Aggregate.Max => statistics[instruction.Window].Max / unit,
                _ => Unwindowed(instruction, profile, payment),
            });
        }
    }

    private static double Unwindowed(AggregateInstruction instruction, EntityProfile profile, Payment payment)
    {
        var now = payment.EventTimeMs;
        switch (instruction.Aggregate)
        {
            case Aggregate.Distinct:
                return ProfileReadings.Distinct(profile, profile.Plan.Windows[instruction.Window], instruction.Dimension, now);
            case Aggregate.CountSame:
                var value = profile.Plan.Dimensions[instruction.Dimension].ValueOf(payment);
                return value == 0 ? double.NaN : ProfileReadings.CountSame(profile, profile.Plan.Windows[instruction.Window], instruction.Dimension, value, now);
            case Aggregate.TimeSinceLast:
                var last = ProfileReadings.LastBefore(profile, now);
                return last < 0 ? double.NaN : (now - profile.Recent[last].TimeMs) / 1000.0;
            case Aggregate.TimeSinceFirst:
                return profile.FirstMs < now ? (now - profile.FirstMs) / 1000.0 : double.NaN;
            case Aggregate.Distance:
                return ProfileReadings.TryTravel(profile, payment.Latitude, payment.Longitude, now, out var km, out _) ? km : double.NaN;
            case Aggregate.Speed:
                return ProfileReadings.TryTravel(profile, payment.Latitude, payment.Longitude, now, out km, out var hours) ? km / Math.Max(hours, 1.0 / 60) : double.NaN;
            case Aggregate.FraudCount:
                return profile.Labels.FraudCount(now, profile.Plan.LabelWindowsMs[instruction.Window]);
            default:
                return profile.Labels.LastFraudMs(now) is { } fraud ? (now - fraud) / 1000.0 : double.NaN;
        }
    }

    private static float Evaluate(in FormulaInstruction formula, ReadOnlySpan<float> row)
    {
        float a = formula.A.In(row), b = formula.B.In(row);
        return formula.Operator switch
        {
            FormulaOperator.Ratio => b == 0 ? float.NaN : a / b,
            FormulaOperator.Difference => a - b,
            FormulaOperator.ZScore => formula.C.In(row) is var deviation && deviation == 0 ? float.NaN : (a - b) / deviation,
            FormulaOperator.Log => float.IsNaN(a) ? float.NaN : (float)Math.Log(1 + Math.Max(a, 0.0)),
            FormulaOperator.Greater => float.IsNaN(a) || float.IsNaN(b) ? float.NaN : a > b ? 1 : 0,
            _ => float.IsNaN(a) ? float.NaN : a == 0 ? 1 : 0,
        };
    }

    /// <summary>0 is Monday 00:00 UTC; the epoch was a Thursday.</summary>
    private static int HourOfWeek(long timeMs) => (int)((((timeMs / 3_600_000) + (3 * 24)) % 168 + 168) % 168);

    private static float AttributeOf(Payment payment, string name)
    {
        foreach (var attribute in payment.Attributes)
        {
            if (attribute.Name == name)
            {
                return (float)attribute.Number;
            }
        }
        return float.NaN;
    }
}
