using FraudScoring.Inference.Contracts;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Learners;

[Parallelizable]
public sealed class MemberChoiceTests
{
    private const int FoldRows = 4_000;

    [Test]
    public void Of_MemberThatRepeatsAnother_IsLeftOut()
    {
        var choice = Choose((truth, random) => (Signal(truth, random, 1), null, null, null), forestRepeatsTrees: true);
        Assert.That(choice.Members, Is.EqualTo(new[] { EnsembleGraph.Trees }));
    }

    [Test]
    public void Of_MembersThatKnowDifferentThings_AreTaken_AndNoiseIsNot()
    {
        var choice = Choose((truth, random) => (Signal(truth, random, 1), null, Signal(truth, random, 1), null));
        Assert.That(choice.Members, Is.EqualTo(new[] { EnsembleGraph.Trees, EnsembleGraph.Linear }));
        var chosen = choice.Considered.Single(set => set.Members.SequenceEqual(choice.Members));
        Assert.That(chosen.Gain!.AtLeast, Is.Positive);
        Assert.That(choice.Considered.Select(set => string.Join(',', set.Members)).ToList(), Is.Unique.And.Count.EqualTo(3 + 3 + 2));
    }

    [Test]
    public void Of_AnomalyThatIsTheBestMember_StillIsNotTheFirst()
    {
        var choice = Choose((truth, random) => (Signal(truth, random, 1), null, null, Signal(truth, random, 4)));
        Assert.That(choice.Members, Is.EqualTo(new[] { EnsembleGraph.Trees, EnsembleGraph.Anomaly }));
    }

    [Test]
    public void Of_TheSamePredictions_ChoosesTheSame()
    {
        MemberChoice Run() => Choose((truth, random) =>
            (Signal(truth, random, 1), Signal(truth, random, 0.5), Signal(truth, random, 1), null));
        var first = Run();
        Assert.That(Run().Considered.Select(set => set.Gain), Is.EqualTo(first.Considered.Select(set => set.Gain)));
    }

    [TestCase(4, null)]
    [TestCase(int.MaxValue, "payments")]
    public void Of_OneCard_DrawsPaymentsAndSaysSo(int paymentsPerCard, string? drawn)
    {
        var choice = Choose((truth, random) => (Signal(truth, random, 1), null, Signal(truth, random, 1), null), paymentsPerCard: paymentsPerCard);
        var gains = choice.Considered.SelectMany(set => new[] { set.Gain, set.AucGain }).OfType<Gain>().ToArray();
        Assert.That(gains.Select(gain => gain.Drawn), Is.All.EqualTo(drawn));
        Assert.That(gains.Select(gain => gain.AtMost - gain.AtLeast), Is.All.Positive, "every interval has a width");
    }

    [Test]
    public void Of_OneFold_IsRefused() =>
        Assert.That(() => Choose((truth, random) => (Signal(truth, random, 1), null, null, null), folds: 1),
            Throws.ArgumentException.With.Message.Contains("at least 2 folds"));

    private static MemberChoice Choose(
        Func<bool, Random, (double Trees, double? Forest, double? Linear, double? Anomaly)> draw, bool forestRepeatsTrees = false,
        int folds = 2, int paymentsPerCard = 4)
    {
        var random = new Random(11);
        var rows = new TrainingMatrixBuilder(["x"]);
        var margins = Enumerable.Range(0, EnsembleMembers.Names.Count).Select(_ => new double[folds * FoldRows]).ToArray();
        for (var row = 0; row < folds * FoldRows; row++)
        {
            var fraud = random.NextDouble() < 0.05;
            rows.Add([0], fraud ? 1 : 0, 1, new RowOrigin(row, new FraudTimes(row), row / paymentsPerCard));
            var (trees, forest, linear, anomaly) = draw(fraud, random);
            margins[0][row] = trees;
            margins[1][row] = forestRepeatsTrees ? trees : forest ?? Signal(fraud, random, 0);
            margins[2][row] = linear ?? Signal(fraud, random, 0);
            margins[3][row] = anomaly ?? Signal(fraud, random, 0);
        }
        var matrix = rows.Build();
        var results = Enumerable.Range(0, folds).Select(fold => new FoldResult(
            fold + 1, 0, 0, 1, 1, FoldRows, matrix.Slice(fold * FoldRows, FoldRows).Frauds, 1, []));
        return MemberChoice.Choose(new OutOfFold([.. results], EnsembleMembers.Names, margins, matrix));
    }

    /// <summary>A margin that is higher for frauds by twice the given number of standard deviations.</summary>
    private static double Signal(bool fraud, Random random, double strength) =>
        (fraud ? 2 * strength : 0) + Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
