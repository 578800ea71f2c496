using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Learners;

[Parallelizable]
public sealed class EnsembleTrainerTests
{
    private static readonly EnsembleParameters Quick = new()
    {
        Trees = new BoostedTreesParameters { Trees = 60 },
        Forest = new ForestParameters { Trees = 20 },
        Anomaly = new IsolationForestParameters { Trees = 20 },
        Folds = 2,
    };

    [Test]
    public void Train_UnseenRows_HasNoMoreLossThanEitherMember()
    {
        var ensemble = EnsembleTrainer.Train(SyntheticRows.Make(20_000, seed: 1), SyntheticRows.Make(16_000, seed: 2), Quick);
        var unseen = SyntheticRows.Make(20_000, seed: 3);

        var labels = unseen.Labels.ToArray();
        var probabilities = ensemble.PredictProbabilities(unseen);
        var joint = probabilities.Zip(labels, (p, y) => Logistic.Loss(Logistic.Logit(p), y)).Average();
        var members = ensemble.PredictMemberMargins(unseen)
            .Select(member => member.Zip(labels, (m, y) => Logistic.Loss(m, y)).Average()).ToList();

        Assert.That(joint, Is.LessThan(members.Min() + 0.0005));
        Assert.That(probabilities.Sum(), Is.EqualTo(unseen.Frauds).Within(0.1 * unseen.Frauds));
    }

    [Test]
    public void Train_Progress_ReportsEveryStepInOrderToItsEnd()
    {
        var reports = new List<LearningProgress>();

        EnsembleTrainer.Train(SyntheticRows.Make(6_000, seed: 1), SyntheticRows.Make(4_000, seed: 2), Quick, new RecordedLearning(reports));

        Assert.That(reports.Select(t => t.Step), Is.Ordered);
        Assert.That(reports.Select(t => t.Fraction), Has.All.InRange(0, 1));
        foreach (var step in reports.GroupBy(t => t.Step))
        {
            Assert.That(step.Select(t => t.Fraction), Is.Ordered);
            Assert.That(step.Last().Fraction, Is.EqualTo(1));
        }
        Assert.That(reports.Select(t => t.Step).Distinct(), Is.EqualTo(Enum.GetValues<LearningStep>()));
    }

    [Test]
    public void Train_FaultsInEveryPart_NamesThemAll()
    {
        var wrong = new EnsembleParameters
        {
            Trees = new BoostedTreesParameters { Trees = -1 },
            Linear = new LogisticRegressionParameters { L2 = -1 },
            Forest = new ForestParameters { Trees = 0 },
            Anomaly = new IsolationForestParameters { Subsample = 1 },
            Weights = new LossWeights { Fraud = 0, AmountPower = 2 },
            Folds = -1,
            FoldGap = TimeSpan.FromDays(-1),
            ValidationShare = 2,
            StackingShare = double.NaN,
        };
        var other = new TrainingMatrixBuilder(["other"]).Build();

        Assert.That(() => EnsembleTrainer.Train(SyntheticRows.Make(100, seed: 1), other, wrong), Throws.ArgumentException.With.Message
            .Contains("trees.Trees").And.Message.Contains("forest.Trees").And.Message.Contains("anomaly.Subsample")
            .And.Message.Contains("weights.Fraud").And.Message.Contains("weights.AmountPower").And.Message.Contains("Folds")
            .And.Message.Contains("FoldGap").And.Message.Contains("linear.L2").And.Message.Contains("ValidationShare")
            .And.Message.Contains("StackingShare").And.Message.Contains("later"));
    }

    [Test]
    public void Train_NoFraudInTheLastPart_NamesThePart()
    {
        var later = SyntheticRows.Make(4_000, seed: 2);
        var legitimate = Enumerable.Range(0, later.Rows).Where(i => later.Labels[i] == 0).ToArray();

        Assert.That(() => EnsembleTrainer.Train(SyntheticRows.Make(6_000, seed: 1), later.Select(legitimate), Quick),
            Throws.ArgumentException.With.Message.Contains("the calibration rows hold 0 frauds"));
    }

    [Test]
    public void Train_WithFolds_FitsTheStackerToWhatCameAfterTheMembers()
    {
        var fit = SyntheticRows.Make(12_000, seed: 1);

        var ensemble = EnsembleTrainer.Train(fit, SyntheticRows.Make(6_000, seed: 2), Quick);

        var folds = ensemble.Folds!;
        Assert.That(folds.Folds.Select(f => f.Number), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(folds.Folds.Sum(f => f.Rows), Is.EqualTo(folds.Rows.Rows));
        Assert.That(folds.Margins, Has.Length.EqualTo(EnsembleMembers.Names.Count).And.All.Length.EqualTo(folds.Rows.Rows));
        Assert.That(Stacker.Fit(folds.Margins, folds.Rows).Weights, Is.EqualTo(ensemble.Stacker.Weights));
        Assert.That(ensemble.Members.Trees.Count, Is.EqualTo(folds.BoostedTrees));
        Assert.That(folds.Folds.SelectMany(f => f.AveragePrecision.Values), Has.All.InRange(0, 1));
    }

    [Test]
    public void Train_WithoutFolds_FitsTheStackerToTheEarlierOfTheLaterRows()
    {
        var later = SyntheticRows.Make(8_000, seed: 2);
        var alone = Quick with { Folds = 0 };

        var ensemble = EnsembleTrainer.Train(SyntheticRows.Make(12_000, seed: 1), later, alone);

        Assert.That(ensemble.Folds, Is.Null);
        Assert.That(ensemble.Stacker.Weights,
            Is.EqualTo(Stacker.Fit(ensemble.Members.PredictMargins(later.Slice(0, 4_000)), later.Slice(0, 4_000)).Weights));
        Assert.That(EnsembleTrainer.Calibrating(later, alone).Rows, Is.EqualTo(4_000));
    }

    [Test]
    public void Train_FraudsWeighMore_ProbabilitiesStayHonest()
    {
        var weighed = Quick with { Weights = new LossWeights { Fraud = 20, AmountPower = 0.5 } };

        var ensemble = EnsembleTrainer.Train(SyntheticRows.Make(20_000, seed: 1), SyntheticRows.Make(16_000, seed: 2), weighed);

        var unseen = SyntheticRows.Make(20_000, seed: 3);
        Assert.That(ensemble.PredictProbabilities(unseen).Sum(), Is.EqualTo(unseen.Frauds).Within(0.1 * unseen.Frauds));
        foreach (var member in ensemble.PredictMemberMargins(unseen).Take(3))
        {
            Assert.That(member.Sum(Logistic.Sigmoid), Is.EqualTo(unseen.Frauds).Within(0.5 * unseen.Frauds), "the shift is removed");
        }
    }

    private sealed class RecordedLearning(List<LearningProgress> reports) : IProgress<LearningProgress>
    {
        public void Report(LearningProgress value) => reports.Add(value);
    }
}
