using System.Globalization;
using System.Text;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>Describes features: unit, error bound, and everything that determines the value.</summary>
internal static class FeatureDescription
{
    /// <summary>
    /// Longer meanings are replaced by their hash inside others; otherwise formulas of formulas would grow exponentially.
    /// </summary>
    private const int LongestInside = 400;

    public static FeatureDefinition Describe(FeatureDefinition feature, PaymentInstruction payment, Currency reference) => feature with
    {
        Unit = UnitOf(payment.Value, reference),
        ErrorBound = "Exact.",
        Meaning = payment.Value switch
        {
            PaymentValue.Attribute => $"payment attributes.{payment.Attribute}",
            PaymentValue.Amount => $"payment amount in {reference.Code}",
            _ => $"payment {SnakeCase.Convert(payment.Value)}",
        },
    };

    public static FeatureDefinition Describe(FeatureDefinition feature, EntityPlan plan, AggregateDraft draft, Currency reference) =>
        feature with
        {
            Entity = plan.Index,
            Aggregate = draft.Aggregate.Name,
            WindowMs = draft.WindowMs,
            DelayMs = draft.DelayMs,
            Unit = draft.Aggregate.Unit ?? reference.Code,
            ErrorBound = draft.Aggregate.ErrorBound(plan, draft),
            Meaning = MeaningOf(plan, draft, reference),
        };

    public static FeatureDefinition Describe(FeatureDefinition feature, FormulaInstruction formula, FeatureDefinition[] features) =>
        feature with
        {
            Unit = UnitOf(formula, features),
            ErrorBound = "That of its arguments.",
            Meaning = Text(formula, a => $"{features[a].Name} = [{Inside(features[a].Meaning)}]"),
        };

    /// <summary>Formats the formula with its arguments, such as <c>ratio(amount, card_mean_30d)</c>.</summary>
    public static string Text(FormulaInstruction formula, Func<int, string> nameOf)
    {
        var arguments = new[] { formula.A, formula.B, formula.C }.Where(a => a.Feature >= 0 || !float.IsNaN(a.Constant))
            .Select(a => a.Feature >= 0 ? nameOf(a.Feature) : a.Constant.ToString(CultureInfo.InvariantCulture));
        return $"{SnakeCase.Convert(formula.Operator)}({string.Join(", ", arguments)})";
    }

    private static string MeaningOf(EntityPlan plan, AggregateDraft draft, Currency reference)
    {
        var aggregate = draft.Aggregate;
        var (isStreak, isNewest) = (aggregate.Source == AggregateSource.Streak, aggregate.Source == AggregateSource.NewestPayment);
        var text = new StringBuilder(aggregate.Name);
        Append(aggregate.Takes(AggregateMembers.Value), $" of {(draft.Dimension < 0 ? "" : plan.Dimensions[draft.Dimension].Name)}");
        Append(aggregate.Takes(AggregateMembers.Quantile), $" {draft.Quantile}");
        Append(aggregate.Takes(AggregateMembers.Times), $" above {draft.Times} times the median");
        Append(true, $" by {string.Join(" and ", plan.Fields.Select(f => f.Name))}");
        Append(draft.WindowMs > 0, $" in {Duration.Text(draft.WindowMs)}");
        Append(draft.DelayMs > 0, $", ending {Duration.Text(draft.DelayMs)} before now");
        Append(draft.Filter >= 0, $", where {(draft.Filter < 0 ? "" : plan.Filters[draft.Filter].Text)}");
        Append(draft.HalfLifeMs > 0, $", half-life {Duration.Text(draft.HalfLifeMs)}");
        Append(aggregate.Unit is null, $", in {reference.Code}");
        Append(aggregate.Source == AggregateSource.RecentPayments || isStreak || (isNewest && draft.Filter >= 0),
            $", among {plan.RecentCapacity} recent payments");
        Append(isNewest || aggregate.Source == AggregateSource.Locations, $", within {Duration.Text(plan.RetentionMs)}");
        Append(aggregate.Source == AggregateSource.NewestFraud || isStreak, $", among {plan.LabelCapacity} labels");
        Append(isStreak, $", legitimate after {Duration.Text(plan.MaturityMs)}");
        Append(aggregate.Source == AggregateSource.Attempts, $", among {plan.AttemptCapacity} attempts");
        return text.ToString();

        void Append(bool applies, FormattableString part) => text.Append(applies ? FormattableString.Invariant(part) : "");
    }

    private static string Inside(string meaning) => meaning.Length <= LongestInside
        ? meaning : $"sha256 {ContentHash.Compute(Encoding.UTF8.GetBytes(meaning))}";

    private static string UnitOf(PaymentValue value, Currency reference) => value switch
    {
        PaymentValue.Amount => reference.Code,
        PaymentValue.HourOfDay => "hour, 0-23",
        PaymentValue.DayOfWeek => "day, 0-6",
        PaymentValue.HourOfWeek => "hour, 0-167",
        PaymentValue.IsWeekend or PaymentValue.IsNight or PaymentValue.HasDevice => "0/1",
        PaymentValue.Channel or PaymentValue.MerchantCategory => "code",
        _ => "as sent",
    };

    private static string UnitOf(FormulaInstruction formula, FeatureDefinition[] features) => formula.Operator switch
    {
        FormulaOperator.Ratio => "ratio",
        FormulaOperator.ZScore => "standard deviations",
        FormulaOperator.Log => "logarithm",
        FormulaOperator.Difference or FormulaOperator.Min or FormulaOperator.Max => CommonUnit(formula, features),
        _ => "0/1",
    };

    private static string CommonUnit(FormulaInstruction formula, FeatureDefinition[] features)
    {
        var units = new[] { formula.A, formula.B }.Where(a => a.Feature >= 0).Select(a => features[a.Feature].Unit).Distinct().ToArray();
        return units is [var unit] ? unit : "number";
    }
}
