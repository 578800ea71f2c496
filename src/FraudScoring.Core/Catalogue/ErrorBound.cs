using System.Globalization;

namespace FraudScoring.Core.Catalogue;

/// <summary>How far a reading may be from the truth over all payments ever made, as a sentence.</summary>
internal static class ErrorBound
{
    public static string Of(EntityPlan plan, AggregateDraft draft)
    {
        var aggregate = draft.Aggregate;
        if (aggregate.IsStreak())
        {
            return $"Exact among the {plan.RecentCapacity} newest payments and their labels; a longer row is counted as far as they reach.";
        }
        if (aggregate.IsOfNewest() || aggregate.IsOfRecentOnly())
        {
            return draft.Filter < 0 && aggregate.IsOfNewest() ? "Exact."
                : $"Exact among the {plan.RecentCapacity} newest payments; older ones are not seen.";
        }
        return aggregate switch
        {
            Aggregate.TimeSinceFraud => $"Exact among the {plan.LabelCapacity} newest labels; older ones are not seen.",
            Aggregate.Attempts => $"Exact up to {plan.AttemptCapacity} requests; more are counted as {plan.AttemptCapacity}.",
            Aggregate.FraudCount or Aggregate.FraudRate =>
                $"Exact while the {plan.LabelCapacity} newest labels reach back {Duration.Text(draft.ReachMs)}; "
                + $"else off by at most the labels of {Cut(draft, "day")}.",
            _ => draft.WindowMs > 0 ? OfWindow(plan, draft) : "Exact.",
        };
    }

    private static string OfWindow(EntityPlan plan, AggregateDraft draft)
    {
        var window = plan.Windows.First(w => (w.LengthMs, w.DelayMs, w.Filter) == (draft.WindowMs, draft.DelayMs, draft.Filter));
        var width = plan.Levels[window.Level].WidthMs;
        var tile = width switch { 60_000 => "minute", 3_600_000 => "hour", _ => "day" };
        var rough = draft.Aggregate switch
        {
            Aggregate.Distinct or Aggregate.DistinctRatio => "estimated with a standard error of 13 %, and ",
            Aggregate.Median or Aggregate.Quantile => "within 1/32 of the amount, and its rank ",
            Aggregate.DecayedSum => string.Create(CultureInfo.InvariantCulture,
                $"each amount's weight is off by a factor of {double.Exp2(width / 2.0 / draft.HalfLifeMs):0.###} at most, and the sum "),
            _ => "",
        };
        return $"Exact while the {plan.RecentCapacity} newest payments reach back {Duration.Text(draft.ReachMs)}; "
            + $"else {rough}off by at most the payments of {Cut(draft, tile)}.";
    }

    private static string Cut(AggregateDraft draft, string tile) =>
        draft.DelayMs == 0 ? $"the {tile} that the window's beginning cuts" : $"the {tile}s that the window's ends cut";
}
