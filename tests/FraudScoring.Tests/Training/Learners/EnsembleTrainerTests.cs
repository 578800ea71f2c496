using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Learners;

public sealed class EnsembleTrainerTests
{
    private static readonly EnsembleParameters Quick = new() { Trees = new BoostedTreesParameters { Trees = 60 } };

    [Test]
    public void Train_UnseenRows_TellsMoreThanEitherMember()
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
    public void Train_Progress_TellsEveryStageInOrderToItsEnd()
    {
        var told = new List<TrainingProgress>();

        EnsembleTrainer.Train(SyntheticRows.Make(6_000, seed: 1), SyntheticRows.Make(4_000, seed: 2), Quick, new Told(told));

        Assert.That(told.Select(t => t.Stage), Is.Ordered);
        Assert.That(told.Select(t => t.Fraction), Has.All.InRange(0, 1));
        foreach (var stage in told.GroupBy(t => t.Stage))
        {
            Assert.That(stage.Select(t => t.Fraction), Is.Ordered);
            Assert.That(stage.Last().Fraction, Is.EqualTo(1));
        }
        Assert.That(told.Select(t => t.Stage).Distinct(), Is.EqualTo(Enum.GetValues<TrainingStage>()));
    }

    [Test]
    public void Train_FaultsInEveryPart_NamesThemAll()
    {
        var wrong = new EnsembleParameters
        {
            Trees = new BoostedTreesParameters { Trees = -1 },
            Linear = new LogisticRegressionParameters { L2 = -1 },
            ValidationShare = 2,
            StackingShare = double.NaN,
        };
        var other = new TrainingMatrixBuilder(["other"]).Build();

        Assert.That(() => EnsembleTrainer.Train(SyntheticRows.Make(100, seed: 1), other, wrong), Throws.ArgumentException.With.Message
            .Contains("trees.Trees").And.Message.Contains("linear.L2").And.Message.Contains("ValidationShare")
            .And.Message.Contains("StackingShare").And.Message.Contains("later"));
    }

    [Test]
    public void Train_NoFraudInTheLastPart_NamesThePart()
    {
        var later = SyntheticRows.Make(4_000, seed: 2);
        var legitimate = Enumerable.Range(0, later.Rows).Where(i => i < 1_000 || later.Labels[i] == 0).ToArray();

        Assert.That(() => EnsembleTrainer.Train(SyntheticRows.Make(6_000, seed: 1), later.Select(legitimate), Quick),
            Throws.ArgumentException.With.Message.Contains("the calibration rows hold 0 frauds"));
    }

    private sealed class Told(List<TrainingProgress> told) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => told.Add(value);
    }
}
