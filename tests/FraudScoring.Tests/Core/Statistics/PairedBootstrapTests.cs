using FraudScoring.Core.Statistics;

namespace FraudScoring.Tests.Core.Statistics;

public sealed class PairedBootstrapTests
{
    private static readonly BootstrapOptions Options = new(400, 0.95, 7);

    [Test]
    public void Compare_IdenticalModels_DifferNowhere()
    {
        var (scores, labels, cards) = Payments(1, 600, 0.8);
        var differences = PairedBootstrap.Compare(scores, scores, labels, cards, Options);
        Assert.That((differences.AveragePrecision.Value, differences.AveragePrecision.Low, differences.AveragePrecision.High),
            Is.EqualTo((0.0, 0.0, 0.0)));
        Assert.That((differences.Auc.Value, differences.Auc.Low, differences.Auc.High), Is.EqualTo((0.0, 0.0, 0.0)));
    }

    [Test]
    public void Compare_EquallyGoodModels_CoverZero()
    {
        var (labels, cards) = (Payments(2, 600, 0).Labels, Payments(2, 600, 0).Cards);
        var differences = PairedBootstrap.Compare(Scores(labels, 3, 0.8), Scores(labels, 4, 0.8), labels, cards, Options);
        Assert.That(differences.AveragePrecision.Low, Is.LessThan(0));
        Assert.That(differences.AveragePrecision.High, Is.GreaterThan(0));
        Assert.That(differences.Auc.Low, Is.LessThan(differences.Auc.Value));
        Assert.That(differences.Auc.High, Is.GreaterThan(differences.Auc.Value));
    }

    [Test]
    public void Compare_ClearlyBetterModel_IsDetected()
    {
        var (worse, labels, cards) = Payments(5, 600, 0.5);
        var better = Scores(labels, 6, 2.5);
        var differences = PairedBootstrap.Compare(better, worse, labels, cards, Options);
        Assert.That(differences.AveragePrecision.Low, Is.GreaterThan(0));
        Assert.That(differences.Auc.Low, Is.GreaterThan(0));
        var reversed = PairedBootstrap.Compare(worse, better, labels, cards, Options);
        Assert.That(reversed.AveragePrecision.High, Is.EqualTo(-differences.AveragePrecision.Low).Within(1e-12));
    }

    [Test]
    public void Compare_WholeLog_EqualsTheMetrics()
    {
        var oracle = new MetricOracle();
        double[] others = [.. oracle.Scores.Select((score, i) => i % 3 == 0 ? 0.5 : score)];
        var differences = PairedBootstrap.Compare(oracle.Scores, others, oracle.Labels, oracle.Cards, new BootstrapOptions(10, 0.9, 1));
        Assert.That(differences.AveragePrecision.Value, Is.EqualTo(
            RankingMetrics.AveragePrecision(oracle.Scores, oracle.Labels) - RankingMetrics.AveragePrecision(others, oracle.Labels))
                .Within(1e-9));
        Assert.That(differences.Auc.Value, Is.EqualTo(
            RankingMetrics.AreaUnderRoc(oracle.Scores, oracle.Labels) - RankingMetrics.AreaUnderRoc(others, oracle.Labels)).Within(1e-9));
    }

    [Test]
    public void Resample_CardsDrawnSeveralTimes_EqualsTheMetricsOfRowsRepeated()
    {
        var random = new Random(11);
        for (var round = 0; round < 30; round++)
        {
            var labels = Enumerable.Range(0, 60).Select(_ => random.Next(4) == 0).ToArray();
            var scores = labels.Select(_ => (double)random.Next(12)).ToArray();
            var cards = labels.Select(_ => random.Next(15)).ToArray();
            var drawn = Enumerable.Range(0, 15).Select(_ => random.Next(4)).ToArray();
            int[] rows = [.. Enumerable.Range(0, 60).SelectMany(i => Enumerable.Repeat(i, drawn[cards[i]]))];
            double[] repeated = [.. rows.Select(i => scores[i])];
            bool[] truth = [.. rows.Select(i => labels[i])];
            var (averagePrecision, auc) = new ResampledRanking(scores, labels, cards).Compute(drawn);
            Assert.That(averagePrecision, Is.EqualTo(RankingMetrics.AveragePrecision(repeated, truth)).Within(1e-12));
            Assert.That(auc, Is.EqualTo(RankingMetrics.AreaUnderRoc(repeated, truth)).Within(1e-12));
        }
    }

    [Test]
    public void Compare_SameSeed_GivesTheSameBits()
    {
        var (scores, labels, cards) = Payments(8, 300, 0.7);
        var others = Scores(labels, 9, 0.9);
        var first = PairedBootstrap.Compare(scores, others, labels, cards, Options);
        var again = PairedBootstrap.Compare(scores, others, labels, cards, Options);
        Assert.That(again.AveragePrecision.Draws, Is.EqualTo(first.AveragePrecision.Draws));
        var otherSeed = PairedBootstrap.Compare(scores, others, labels, cards, Options with { Seed = 8 });
        Assert.That(otherSeed.AveragePrecision.Draws, Is.Not.EqualTo(first.AveragePrecision.Draws));
    }

    [Test]
    public void Compare_BetterOnOneCardOnly_IsNotSure()
    {
        var (champion, labels, cards) = Payments(12, 200, 0.7);
        var challenger = (double[])champion.Clone();
        for (var i = 0; i < 40; i++)
        {
            (cards[i], labels[i], champion[i], challenger[i]) = (-1, true, 0, 5);
        }
        // If payments were drawn one by one, every draw would contain some of the card's forty payments.
        var difference = PairedBootstrap.Compare(challenger, champion, labels, cards, Options).AveragePrecision;
        Assert.That(difference.Value, Is.GreaterThan(0.1));
        Assert.That(difference.Low, Is.Zero);
    }

    [TestCase(1.0)]
    [TestCase(0.97)]
    public void Compare_OneCardHasNearlyAllPayments_DrawsPaymentsAndSaysSo(double share)
    {
        var (champion, labels, cards) = Payments(16, 400, 0.7);
        var challenger = Scores(labels, 17, 0.72);
        var random = new Random(18);
        // Without frauds, the other cards change nothing about how many frauds are drawn.
        long[] one = [.. cards.Select((card, i) => labels[i] || random.NextDouble() < share ? -1 : card)];
        var differences = PairedBootstrap.Compare(challenger, champion, labels, one, Options);
        foreach (var difference in new[] { differences.AveragePrecision, differences.Auc })
        {
            Assert.That(difference.Unit, Is.EqualTo(DrawnUnit.Payments));
            Assert.That(difference.Low, Is.LessThan(difference.Value - 0.01), "a gain by chance is not certain");
        }
        var usual = PairedBootstrap.Compare(challenger, champion, labels, cards, Options);
        Assert.That((usual.AveragePrecision.Unit, usual.Auc.Unit), Is.EqualTo((DrawnUnit.Cards, DrawnUnit.Cards)));
        Assert.That(differences.Auc.High - differences.Auc.Low, Is.EqualTo(usual.Auc.High - usual.Auc.Low).Within(0.01));
    }

    [Test]
    public void Compare_FewCards_TakesTheWiderInterval()
    {
        var (champion, labels, cards) = Payments(19, 400, 0.7);
        var challenger = Scores(labels, 20, 0.7);
        // The challenger knows the frauds of two of ten cards: whether those are drawn matters more than which payments are.
        long[] ten = [.. cards.Select(card => card % 10)];
        double[] better = [.. challenger.Select((score, i) => ten[i] < 2 && labels[i] ? 5 : score)];
        Assert.That(PairedBootstrap.Compare(better, champion, labels, ten, Options).AveragePrecision.Unit, Is.EqualTo(DrawnUnit.Cards));
    }

    [Test]
    public void Compare_HigherConfidence_IsWider()
    {
        var (scores, labels, cards) = Payments(14, 300, 0.7);
        var others = Scores(labels, 15, 0.7);
        var narrow = PairedBootstrap.Compare(scores, others, labels, cards, Options with { Confidence = 0.5 }).AveragePrecision;
        var wide = PairedBootstrap.Compare(scores, others, labels, cards, Options with { Confidence = 0.99 }).AveragePrecision;
        Assert.That((wide.Low < narrow.Low, wide.High > narrow.High), Is.EqualTo((true, true)));
    }

    [Test]
    public void Compare_BadInput_NamesIt()
    {
        Assert.That(() => PairedBootstrap.Compare([1, 2], [1, 2], [true, false], [1], Options),
            Throws.ArgumentException.With.Message.Contains("cards"));
        Assert.That(() => PairedBootstrap.Compare([1, 2], [1], [true, false], [1, 2], Options), Throws.ArgumentException);
        Assert.That(() => PairedBootstrap.Compare([1, 2], [1, 2], [true, true], [1, 2], Options),
            Throws.ArgumentException.With.Message.Contains("both classes"));
        Assert.That(() => PairedBootstrap.Compare([1, 2], [1, double.NaN], [true, false], [1, 2], Options), Throws.ArgumentException);
        Assert.That(() => PairedBootstrap.Compare([1, 2], [1, 2], [true, false], [1, 2], Options with { Resamples = 0 }),
            Throws.ArgumentException);
    }

    private static (double[] Scores, bool[] Labels, long[] Cards) Payments(int seed, int cards, double shift)
    {
        var random = new Random(seed);
        var labels = Enumerable.Range(0, cards * 5).Select(_ => random.Next(20) == 0).ToArray();
        return (Scores(labels, seed + 100, shift), labels, [.. Enumerable.Range(0, cards * 5).Select(i => (long)(i % cards))]);
    }

    /// <summary>Scores that are higher for frauds by a shift.</summary>
    private static double[] Scores(bool[] labels, int seed, double shift)
    {
        var random = new Random(seed);
        return [.. labels.Select(fraud => random.NextDouble() + random.NextDouble() + (fraud ? shift : 0))];
    }
}
