using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Core.Features;

/// <summary>
/// Computes rows of features. Scoring and training (which replays history) share this code, so the same events give the same bits in both.
/// </summary>
public static class FeatureBuilder
{
    /// <summary>Computes one row. Allocates nothing.</summary>
    /// <param name="catalogue">The features to compute.</param>
    /// <param name="payment">
    /// The payment to score. It is never part of its own history, even if its event has already been applied, unless newer events have
    /// moved it into a tile.
    /// </param>
    /// <param name="amount">The payment's amount in minor units of the reference currency, or <see cref="DecimalAmount.Unknown"/>.</param>
    /// <param name="profiles">One profile per entity of the catalogue, in its order; null if the history is unavailable.</param>
    /// <param name="row">Destination with one element per feature; NaN is a missing value.</param>
    public static void Fill(
        FeatureCatalogue catalogue, Payment payment, long amount, ReadOnlySpan<EntityProfile?> profiles, Span<float> row)
    {
        FillPayments(catalogue, payment, amount, profiles, row);
        for (var e = 0; e < profiles.Length; e++)
        {
            FillLabels(catalogue, e, payment, profiles[e], profiles[e]?.Labels, row);
        }
        FillFormulas(catalogue, row);
    }

    /// <summary>
    /// Computes the part of a row that depends neither on labels nor on other features: the values of the payment and the aggregates over
    /// payments and requests. Allocates nothing. The parameters are those of <see cref="Fill"/>.
    /// </summary>
    public static void FillPayments(
        FeatureCatalogue catalogue, Payment payment, long amount, ReadOnlySpan<EntityProfile?> profiles, Span<float> row)
    {
        foreach (var instruction in catalogue.Program.Payment)
        {
            row[instruction.Feature] = ValueOf(instruction, payment, amount, catalogue);
        }
        for (var e = 0; e < profiles.Length; e++)
        {
            FillPayments(catalogue, catalogue.Program.PaymentAggregates[e], payment, profiles[e], row);
        }
    }

    /// <summary>Computes the aggregates of one entity that depend on labels. Allocates nothing.</summary>
    /// <param name="catalogue">The features to compute.</param>
    /// <param name="entity">Index of the entity.</param>
    /// <param name="payment">The payment to score.</param>
    /// <param name="profile">The entity's payments; null if the history is unavailable.</param>
    /// <param name="labels">
    /// The labels of these payments, such as the profile's own; null if the history is unavailable. A replay for several label delays has
    /// several for one profile.
    /// </param>
    /// <param name="row">Destination with one element per feature; NaN is a missing value.</param>
    public static void FillLabels(
        FeatureCatalogue catalogue, int entity, Payment payment, EntityProfile? profile, LabelHistory? labels, Span<float> row)
    {
        var instructions = catalogue.Program.LabelAggregates[entity];
        if (profile is null || labels is null)
        {
            FillMissing(instructions, row);
            return;
        }
        Span<LabelCounts> counts = stackalloc LabelCounts[profile.Plan.LabelWindows.Length];
        labels.Count(payment.EventTimeMs, profile.Plan.LabelWindows, counts);
        var reading = new AggregateReading(profile, payment, catalogue.ReferenceCurrency.MinorPerUnit)
        {
            Labels = labels,
            LabelCounts = counts,
            // A catalogue with a feature over streaks must state a maturity: with 0, nothing reads the streak.
            Streak = profile.Plan.MaturityMs > 0 ? LabelStreak.Compute(profile, labels, payment.EventTimeMs) : default,
        };
        Evaluate(instructions, reading, row);
    }

    /// <summary>Computes the formulas of a row from its other features. Allocates nothing.</summary>
    public static void FillFormulas(FeatureCatalogue catalogue, Span<float> row)
    {
        foreach (var instruction in catalogue.Program.Formulas)
        {
            row[instruction.Feature] = Evaluate(instruction, row);
        }
    }

    private static float ValueOf(PaymentInstruction instruction, Payment payment, long amount, FeatureCatalogue catalogue)
    {
        var hour = HourOfWeek(payment.EventTimeMs);
        return instruction.Value switch
        {
            PaymentValue.Amount => amount < 0 ? float.NaN : (float)((double)amount / catalogue.ReferenceCurrency.MinorPerUnit),
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

    private static void FillPayments(
        FeatureCatalogue catalogue, AggregateInstruction[] instructions, Payment payment, EntityProfile? profile, Span<float> row)
    {
        if (profile is null)
        {
            FillMissing(instructions, row);
            return;
        }
        var windows = profile.Plan.Windows;
        Span<WindowStatistics> statistics = stackalloc WindowStatistics[windows.Length];
        for (var w = 0; w < windows.Length; w++)
        {
            statistics[w] = WindowStatistics.Compute(profile, windows[w], payment.EventTimeMs);
        }
        var unit = catalogue.ReferenceCurrency.MinorPerUnit;
        Evaluate(instructions, new AggregateReading(profile, payment, unit) { Windows = statistics }, row);
    }

    private static void Evaluate(AggregateInstruction[] instructions, in AggregateReading reading, Span<float> row)
    {
        foreach (ref readonly var instruction in instructions.AsSpan())
        {
            row[instruction.Feature] = (float)Aggregates.All[instruction.Aggregate].Evaluate(reading, instruction);
        }
    }

    private static void FillMissing(AggregateInstruction[] instructions, Span<float> row)
    {
        foreach (var instruction in instructions)
        {
            row[instruction.Feature] = float.NaN;
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
            // A comparison with NaN is false, which would turn a missing value into a known 0.
            FormulaOperator.Greater => float.IsNaN(a) || float.IsNaN(b) ? float.NaN : a > b ? 1 : 0,
            FormulaOperator.Less => float.IsNaN(a) || float.IsNaN(b) ? float.NaN : a < b ? 1 : 0,
            FormulaOperator.Equal => float.IsNaN(a) || float.IsNaN(b) ? float.NaN : a == b ? 1 : 0,
            FormulaOperator.Min => MathF.Min(a, b),
            FormulaOperator.Max => MathF.Max(a, b),
            _ => float.IsNaN(a) ? float.NaN : a == 0 ? 1 : 0,
        };
    }

    /// <summary>0 is Monday 00:00 UTC. The Unix epoch was a Thursday, three days later.</summary>
    private static int HourOfWeek(long timeMs) => (int)((((timeMs / MillisecondsPer.Hour) + (3 * 24)) % 168 + 168) % 168);

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
