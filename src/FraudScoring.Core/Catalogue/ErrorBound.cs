using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>Sentences that describe the error of a value, compared with the value over all payments ever made.</summary>
internal static class ErrorBound
{
    public static readonly AggregateErrorBound Exact = (_, _) => "Exact.";

    public static readonly AggregateErrorBound RecentPayments = (plan, _) =>
        $"Exact among the {plan.RecentCapacity} newest payments; older ones are not seen.";

    public static readonly AggregateErrorBound NewestPayment = (plan, draft) =>
        draft.Filter < 0 ? "Exact." : RecentPayments(plan, draft);

    public static readonly AggregateErrorBound Streak = (plan, _) =>
        $"Exact among the {plan.RecentCapacity} newest payments and their labels; a longer streak is cut there.";

    public static readonly AggregateErrorBound NewestLabels = (plan, _) =>
        $"Exact among {Kept(plan)}; older ones are not seen.";

    public static readonly AggregateErrorBound Frauds = (plan, draft) =>
        $"Exact while {Kept(plan)} reach back {Duration.Text(draft.ReachMs)}; "
        + $"else off by at most the frauds of {Cut(draft, "day")}, and older ones that were repeated or taken back.";

    public static readonly AggregateErrorBound Labels = (plan, draft) =>
        $"Exact while the {plan.LabelCapacity} newest labels reach back {Duration.Text(draft.ReachMs)}; "
        + $"else off by at most the labels of {Cut(draft, "day")}, and older ones that were repeated or contradicted.";

    public static readonly AggregateErrorBound Attempts = (plan, _) =>
        $"Exact up to {plan.AttemptCapacity} requests; more are counted as {plan.AttemptCapacity}.";

    public static readonly AggregateErrorBound Tiles = (plan, draft) => Window(plan, draft, "");

    public static readonly AggregateErrorBound Sketches = (plan, draft) =>
        Window(plan, draft, "estimated with a standard error of 13 %, and ");

    public static readonly AggregateErrorBound Histograms = (plan, draft) =>
        Window(plan, draft, "within 1/32 of the amount, and its rank ");

    public static readonly AggregateErrorBound DecayedTiles = (plan, draft) => Window(plan, draft, string.Create(
        CultureInfo.InvariantCulture,
        $"each amount's weight is off by a factor of {WeightError(plan, draft):0.###} at most, and the sum "));

    private static string Kept(EntityPlan plan) =>
        $"the {plan.LabelCapacity} newest labels and the {EntityPlan.FraudCapacity} newest frauds before them";

    private static string Window(EntityPlan plan, AggregateDraft draft, string rough)
    {
        var tile = WidthOf(plan, draft) switch { MillisecondsPer.Minute => "minute", MillisecondsPer.Hour => "hour", _ => "day" };
        return $"Exact while the {plan.RecentCapacity} newest payments reach back {Duration.Text(draft.ReachMs)}; "
            + $"else {rough}off by at most the payments of {Cut(draft, tile)}.";
    }

    private static double WeightError(EntityPlan plan, AggregateDraft draft) =>
        double.Exp2(WidthOf(plan, draft) / 2.0 / draft.HalfLifeMs);

    private static long WidthOf(EntityPlan plan, AggregateDraft draft)
    {
        var window = plan.Windows.First(w => (w.LengthMs, w.DelayMs, w.Filter) == (draft.WindowMs, draft.DelayMs, draft.Filter));
        return plan.Levels[window.Level].WidthMs;
    }

    private static string Cut(AggregateDraft draft, string tile) =>
        draft.DelayMs == 0 ? $"the {tile} that the window's beginning cuts" : $"the {tile}s that the window's ends cut";
}
