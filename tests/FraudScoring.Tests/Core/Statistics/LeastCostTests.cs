using FraudScoring.Core.Statistics;

namespace FraudScoring.Tests.Core.Statistics;

public sealed class LeastCostTests
{
    private const double Rounding = 1e-9;

    [Test]
    public void Of_OneSegment_CostsWhatTheBestOfAllCutsCosts()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var points = Points(random, out _, out _);
            var reviews = random.Next(4) == 0 ? long.MaxValue : random.Next(0, 12);
            var found = LeastCost.Choose(points, reviews);
            Assert.That(found.Cost, Is.EqualTo(All(points).Where(cut => cut.Reviews <= reviews).Min(cut => cut.Cost)).Within(Rounding),
                $"seed {seed}");
            Assert.That(found.Reviews, Is.LessThanOrEqualTo(reviews), $"seed {seed}");
            Assert.That(points.Cost(found.Decline, found.Challenge, found.Review), Is.EqualTo(found.Cost).Within(Rounding), $"seed {seed}");
        }
    }

    [Test]
    public void Of_SegmentsThatShareReviews_CostWhatTheBestOfAllCutsCosts()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            CutPoints[] segments = [Points(random, out _, out _, 7), Points(random, out _, out _, 7), Points(random, out _, out _, 7)];
            var reviews = random.Next(0, 12);
            var found = LeastCost.Choose(segments, reviews);
            var all = segments.Select(points => All(points).GroupBy(cut => cut.Reviews).Select(cuts => cuts.MinBy(cut => cut.Cost))
                .ToList()).ToList();
            var best = (from a in all[0]
                        from b in all[1]
                        from c in all[2]
                        where a.Reviews + b.Reviews + c.Reviews <= reviews
                        select a.Cost + b.Cost + c.Cost).Min();
            Assert.That(found.Sum(cut => cut.Cost), Is.EqualTo(best).Within(Rounding), $"seed {seed}");
            Assert.That(found.Sum(cut => cut.Reviews), Is.LessThanOrEqualTo(reviews), $"seed {seed}");
        }
    }

    [Test]
    public void Of_Segments_NeverCostMoreThanOneTripleForAll()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var parts = Enumerable.Range(0, 4)
                .Select(_ => (Points: Points(random, out var scores, out var costs, 30), Scores: scores, Costs: costs)).ToList();
            var whole = new CutPoints([.. parts.SelectMany(part => part.Scores)], [.. parts.SelectMany(part => part.Costs)]);
            var reviews = random.Next(0, 60);
            var apart = LeastCost.Choose([.. parts.Select(part => part.Points)], reviews);
            Assert.That(apart.Sum(cut => cut.Cost), Is.LessThanOrEqualTo(LeastCost.Choose(whole, reviews).Cost + Rounding), $"seed {seed}");
        }
    }

    [Test]
    public void Of_DearerReviews_AreNeverMore()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var before = long.MaxValue;
            for (var price = 0; price < 12; price++)
            {
                var random = new Random(seed);
                var segments = new[] { Points(random, out _, out _, 40, price), Points(random, out _, out _, 40, price) };
                var reviews = LeastCost.Choose(segments, 30).Sum(cut => cut.Reviews);
                Assert.That(reviews, Is.LessThanOrEqualTo(before), $"seed {seed}, price {price}");
                before = reviews;
            }
        }
    }

    [Test]
    public void Of_MoreReviewsThanPortions_KeepsTheLimit()
    {
        var random = new Random(5);
        CutPoints[] segments = [Points(random, out _, out _, 6000), Points(random, out _, out _, 6000)];
        foreach (var reviews in new[] { 999L, 1000, 1001, 2345, 5000, long.MaxValue / 2 })
        {
            Assert.That(LeastCost.Choose(segments, reviews).Sum(cut => cut.Reviews), Is.LessThanOrEqualTo(reviews));
        }
        var alone = segments.Sum(points => LeastCost.Choose(points, long.MaxValue).Cost);
        Assert.That(LeastCost.Choose(segments, long.MaxValue / 2).Sum(cut => cut.Cost), Is.EqualTo(alone).Within(1e-6));
    }

    [Test]
    public void ThresholdOf_EveryCut_PartsTheRowsThere()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var points = Points(random, out var scores, out _);
            for (var cut = points.First; cut <= points.Count; cut++)
            {
                var threshold = points.ThresholdOf(cut);
                Assert.That(threshold, Is.InRange(0, 1));
                Assert.That(scores.Count(score => score >= threshold), Is.EqualTo(points.RowsAbove(cut)), $"seed {seed}, cut {cut}");
            }
        }
    }

    [Test]
    public void ThresholdOf_NeighboursWithinAMillionth_StillPartsThem()
    {
        double[] scores = [0.5, 0.5 + 1e-9, 0.5 - 1e-12];
        var points = new CutPoints(scores, new ActionCosts[3]);
        Assert.That(Enumerable.Range(0, 4).Select(cut => scores.Count(score => score >= points.ThresholdOf(cut))),
            Is.EqualTo(new[] { 0, 1, 2, 3 }));
    }

    [Test]
    public void First_WithRowsOfScoreOne_CannotLeaveThemOut()
    {
        Assert.That(new CutPoints([1, 0.5], new ActionCosts[2]).First, Is.EqualTo(1));
        Assert.That(new CutPoints([0.99, 0.5], new ActionCosts[2]).First, Is.Zero);
        ActionCosts[] dear = [new(0, 9, 9, 9), new(0, 9, 9, 9)];
        Assert.That(LeastCost.Choose(new CutPoints([1, 0.5], dear), 10).Decline, Is.EqualTo(1));
    }

    [Test]
    public void New_BadRows_AreRefused()
    {
        Assert.That(() => new CutPoints([0.5], []), Throws.ArgumentException);
        Assert.That(() => new CutPoints([], []), Throws.ArgumentException);
        Assert.That(() => new CutPoints([1.5], new ActionCosts[1]), Throws.ArgumentException);
        Assert.That(() => new CutPoints([double.NaN], new ActionCosts[1]), Throws.ArgumentException);
    }

    private static IEnumerable<ChosenCuts> All(CutPoints points)
    {
        for (var decline = points.First; decline <= points.Count; decline++)
        {
            for (var challenge = decline; challenge <= points.Count; challenge++)
            {
                for (var review = challenge; review <= points.Count; review++)
                {
                    yield return new ChosenCuts(decline, challenge, review, points.Cost(decline, challenge, review),
                        points.RowsAbove(review) - points.RowsAbove(challenge));
                }
            }
        }
    }

    /// <summary>Rows with ties and with scores 0 and 1, where frauds usually have higher scores.</summary>
    private static CutPoints Points(Random random, out double[] scores, out ActionCosts[] costs, int most = 20, double reviewPrice = 3)
    {
        var rows = random.Next(1, most + 1);
        scores = new double[rows];
        costs = new ActionCosts[rows];
        for (var i = 0; i < rows; i++)
        {
            var fraud = random.Next(3) == 0;
            scores[i] = Math.Clamp(Math.Round((fraud ? 0.35 : 0) + (random.NextDouble() * 0.7), 2), 0, 1);
            var amount = random.Next(1, 100);
            costs[i] = fraud
                ? new ActionCosts(amount, reviewPrice + (0.4 * amount), 1 + (0.1 * amount), 0)
                : new ActionCosts(0, reviewPrice, 1 + (0.1 * amount), 5 + (0.2 * amount));
        }
        return new CutPoints(scores, costs);
    }
}
