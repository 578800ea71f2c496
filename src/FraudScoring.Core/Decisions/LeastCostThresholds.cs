using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Core.Decisions;

/// <summary>Finds the thresholds, for all payments and per segment, that would have minimised the cost of past payments.</summary>
/// <remarks>
/// The search over the sample is exact (<see cref="LeastCost"/>). Thresholds derived from the costs by decision theory would assume perfect
/// calibration, and cannot express a limited number of reviews.
/// </remarks>
public static class LeastCostThresholds
{
    /// <summary>Chooses the best thresholds for all payments together, then per segment thresholds that cost no more than those.</summary>
    /// <param name="probabilities">Calibrated fraud probabilities of payments that no member was fitted on.</param>
    /// <param name="frauds">True for a fraud, one per payment.</param>
    /// <param name="traits">The traits that select the segment, one per payment.</param>
    /// <param name="costs">The cost of decisions.</param>
    /// <param name="reference">The catalogue's reference currency.</param>
    /// <param name="days">Number of days that the payments span: reviews are limited per day.</param>
    /// <exception cref="ArgumentException">Lengths differ, or there are no payments.</exception>
    public static ThresholdPlan Choose(
        ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> frauds, IReadOnlyList<PaymentTraits> traits, DecisionCosts costs,
        Currency reference, int days)
    {
        if (traits.Count != probabilities.Length || frauds.Length != probabilities.Length)
        {
            throw new ArgumentException(
                $"There are {probabilities.Length} probabilities, {frauds.Length} labels and {traits.Count} traits; "
                    + "pass the same number of each.");
        }
        // An unknown amount costs what does not depend on it.
        long[] amounts = [.. traits.Select(t => Math.Max(0, t.Amount))];
        var sample = new Sample(probabilities.ToArray(), frauds.ToArray(), amounts, costs, reference);
        var reviews = (long)(costs.Review.PerDay * days);
        var all = sample.Points([.. Enumerable.Range(0, traits.Count)]);
        var common = Triple(all, LeastCost.Choose(all, reviews));
        var scheme = new SegmentScheme(costs.Segments.By, costs.Segments.Amounts, reference);
        var segments = Segments(sample, traits, scheme, costs.Segments);
        // Payments outside all segments keep the common thresholds, and use up their part of the reviews first.
        var outside = sample.Reviews(common) - segments.Sum(segment => sample.Reviews(common, segment.Rows));
        var chosen = Share(sample, segments, reviews - outside, common);
        return new ThresholdPlan(common.Review, common.Challenge, common.Decline)
        {
            By = scheme.By,
            Amounts = scheme.Amounts,
            Segments = [.. segments.Zip(chosen, (segment, triple) =>
                new SegmentThresholds(segment.Value, scheme.StartOf(segment.Band), triple.Review, triple.Challenge, triple.Decline))],
        };
    }

    private static Thresholds[] Share(Sample sample, List<Segment> segments, long reviews, Thresholds common)
    {
        var points = segments.ConvertAll(segment => sample.Points(segment.Rows));
        var cuts = LeastCost.Choose(points, reviews);
        var cost = cuts.Sum(cut => cut.Cost);
        // If a portion is more than one review, the best division into portions can cost more than the common thresholds.
        return cost > segments.Sum(segment => sample.Cost(common, segment.Rows))
            ? [.. segments.Select(_ => common)]
            : [.. cuts.Select((cut, i) => Triple(points[i], cut))];
    }

    private static List<Segment> Segments(Sample sample, IReadOnlyList<PaymentTraits> traits, SegmentScheme scheme, SegmentRule rule)
    {
        if (scheme.By is null && scheme.Bands == 1)
        {
            return [];
        }
        return
        [
            .. from row in Enumerable.Range(0, traits.Count)
                let value = scheme.ValueOf(traits[row])
                where (scheme.By is null || value is not null) && traits[row].Amount >= 0
                group row by (Value: value, Band: scheme.BandOf(traits[row].Amount)) into rows
                where rows.Count() >= rule.LeastPayments && rows.Count(row => sample.Frauds[row]) >= rule.LeastFrauds
                orderby rows.Key.Value ?? "", rows.Key.Band
                select new Segment(rows.Key.Value, rows.Key.Band, [.. rows]),
        ];
    }

    private static Thresholds Triple(CutPoints points, ChosenCuts cuts) =>
        new(points.ThresholdOf(cuts.Review), points.ThresholdOf(cuts.Challenge), points.ThresholdOf(cuts.Decline));

    private sealed record Segment(string? Value, int Band, int[] Rows);

    private sealed class Sample(double[] probabilities, bool[] frauds, long[] amounts, DecisionCosts costs, Currency reference)
    {
        private readonly ActionCosts[] _costs =
            [.. amounts.Select((amount, row) => costs.Compute(amount / Math.Pow(10, reference.Digits), frauds[row]))];

        public bool[] Frauds => frauds;

        public CutPoints Points(int[] rows) =>
            new([.. rows.Select(row => probabilities[row])], [.. rows.Select(row => _costs[row])]);

        public long Reviews(Thresholds thresholds) => probabilities.LongCount(p => thresholds.Decide(p) == Decision.Review);

        public long Reviews(Thresholds thresholds, int[] rows) =>
            rows.LongCount(row => thresholds.Decide(probabilities[row]) == Decision.Review);

        public double Cost(Thresholds thresholds, int[] rows) => rows.Sum(row => _costs[row].CostOf(thresholds.Decide(probabilities[row])));
    }
}
