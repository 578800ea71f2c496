using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Decisions;

public sealed class LeastCostThresholdsTests
{
    private static readonly string[] Countries = ["DE", "FR", "IT"];

    [Test]
    public void Choose_AnySample_KeepsTheCapacityAndNeverCostsMoreThanOneTriple()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var sample = new DrawnSample(new Random(seed), 600);
            var costs = Costs(perDay: seed % 5 * 10);
            var plan = sample.Choose(costs, days: 2);
            var table = Compile(plan);
            var alone = ThresholdTable.Create(plan.Default());
            Assert.That(sample.Reviews(table), Is.LessThanOrEqualTo(costs.Review.PerDay * 2), $"seed {seed}");
            Assert.That(sample.Cost(table, costs), Is.LessThanOrEqualTo(sample.Cost(alone, costs) + 1e-6), $"seed {seed}");
            Assert.That(plan.Segments, Is.Not.Empty, $"seed {seed}");
        }
    }

    [Test]
    public void Choose_NoOtherTriple_CostsLess()
    {
        var sample = new DrawnSample(new Random(1), 60);
        var costs = Costs(perDay: 1000) with { Segments = new SegmentRule(null, 1, 1) };
        var best = sample.Cost(Compile(sample.Choose(costs, days: 1)), costs);
        double[] cuts = [0, 1, .. sample.Probabilities];
        var least = (from review in cuts
                     from challenge in cuts
                     from decline in cuts
                     where new Thresholds(review, challenge, decline).AreValid
                     select sample.Cost(ThresholdTable.Create(new Thresholds(review, challenge, decline)), costs)).Min();
        Assert.That(best, Is.EqualTo(least).Within(1e-9));
    }

    [Test]
    public void Choose_DearerReviews_AreNeverMore()
    {
        var sample = new DrawnSample(new Random(3), 500);
        var reviews = new[] { 0.0, 1, 2, 4, 8, 16, 1000 }
            .Select(cost => sample.Reviews(Compile(sample.Choose(Costs(perDay: 1000, reviewCost: cost), days: 1)))).ToList();
        Assert.That(reviews, Is.Ordered.Descending);
        Assert.That(reviews[0], Is.Positive);
        Assert.That(reviews[^1], Is.Zero);
    }

    [Test]
    public void Choose_SmallSegment_HasNoThresholdsOfItsOwn()
    {
        var sample = new DrawnSample(new Random(4), 900);
        var payments = sample.Traits.Count(t => t.Country == "IT" && t.Amount < 5000);
        var rule = new SegmentRule("country", payments + 1, 1) { Amounts = [50] };
        var plan = sample.Choose(Costs(perDay: 20) with { Segments = rule }, days: 3);
        Assert.That(plan.Segments.Select(segment => (segment.Value, segment.AmountFrom)), Has.None.EqualTo(("IT", 0.0)));
        Assert.That(sample.Choose(Costs(perDay: 20) with { Segments = rule with { LeastPayments = payments } }, days: 3).Segments
            .Select(segment => (segment.Value, segment.AmountFrom)), Has.One.EqualTo(("IT", 0.0)));
        Assert.That(sample.Choose(Costs(perDay: 20) with { Segments = rule with { LeastFrauds = 900 } }, days: 3).Segments, Is.Empty);
    }

    [Test]
    public void Choose_SameSample_GivesTheSamePlan()
    {
        var plans = Enumerable.Range(0, 2).Select(_ => new DrawnSample(new Random(9), 400).Choose(Costs(perDay: 10), days: 2)).ToList();
        Assert.That(plans[0].Segments, Is.EqualTo(plans[1].Segments));
        Assert.That(plans[0].Default(), Is.EqualTo(plans[1].Default()));
    }

    private static DecisionCosts Costs(double perDay, double reviewCost = 2) => new()
    {
        Review = new ReviewCost(reviewCost, 0.8, perDay),
        Segments = new SegmentRule("country", 20, 3) { Amounts = [50] },
    };

    private static ThresholdTable Compile(ThresholdPlan plan)
    {
        var faults = new Faults();
        var table = ThresholdTable.Compile(plan, TestPayments.Euro, "t", faults);
        Assert.That(faults, Is.Empty);
        return table!;
    }

    private sealed class DrawnSample
    {
        private readonly bool[] _frauds;

        public DrawnSample(Random random, int rows)
        {
            (Probabilities, _frauds, Traits) = (new double[rows], new bool[rows], new PaymentTraits[rows]);
            for (var i = 0; i < rows; i++)
            {
                Probabilities[i] = Math.Round(Math.Pow(random.NextDouble(), 3), 3) * 0.99;
                Traits[i] = new PaymentTraits(Channel.Atm, 0, Countries[random.Next(3)], random.Next(100, 20_000));
                // The scores are not equally good everywhere, so that segments are worthwhile.
                var twist = Traits[i].Country == "FR" ? 0.3 : 1;
                _frauds[i] = random.NextDouble() < Probabilities[i] * twist;
            }
        }

        public double[] Probabilities { get; }

        public PaymentTraits[] Traits { get; }

        public ThresholdPlan Choose(DecisionCosts costs, int days) =>
            LeastCostThresholds.Choose(Probabilities, _frauds, Traits, costs, TestPayments.Euro, days);

        public int Reviews(ThresholdTable table) =>
            Probabilities.Where((p, i) => table.Select(Traits[i]).Decide(p) == Decision.Review).Count();

        public double Cost(ThresholdTable table, DecisionCosts costs) =>
            Probabilities.Select((p, i) =>
                costs.Compute(Traits[i].Amount / 100.0, _frauds[i]).CostOf(table.Select(Traits[i]).Decide(p))).Sum();
    }
}
