using FraudScoring.Inference.Contracts;
using FraudScoring.Tests.Training.Learners;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Export;
using FraudScoring.Training.Learners;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Tests.Training.Export;

[Parallelizable]
public sealed class ExportParityTests
{
    private static readonly EnsembleParameters Parameters = new();
    private static readonly int Members = EnsembleMembers.Names.Count;
    private TrainedEnsemble _ensemble = null!;
    private TrainingMatrix _unseen = null!;

    [OneTimeSetUp]
    public void Train()
    {
        _ensemble = EnsembleTrainer.Train(SyntheticRows.Make(24_000, seed: 1), SyntheticRows.Make(12_000, seed: 2), Parameters);
        _unseen = SyntheticRows.Make(10_000, seed: 3);
    }

    [Test]
    public void Write_TenThousandUnseenRows_GivesTheTrainersProbability()
    {
        var outputs = OnnxRun.Run(EnsembleModelWriter.Write(_ensemble), _unseen);

        var wanted = _ensemble.PredictProbabilities(_unseen);
        Assert.That(wanted.Max(), Is.GreaterThan(0.3), "the rows must include probabilities where the curve is steep");
        Assert.That(OnnxRun.LargestGap(outputs[EnsembleGraph.Probability], wanted), Is.LessThanOrEqualTo(1e-6));
        Assert.That(OnnxRun.LargestGap(outputs[EnsembleGraph.Margin], _ensemble.PredictMargins(_unseen)), Is.LessThanOrEqualTo(4e-6));
    }

    [Test]
    public void Write_TreeMargins_EqualLightGbmsToTheBit()
    {
        var members = OnnxRun.Run(EnsembleModelWriter.Write(_ensemble), _unseen)[EnsembleGraph.MemberMargins];

        var trees = members.Where((_, i) => i % Members == 0);
        Assert.That(trees.Select(m => (double)m), Is.EqualTo(_ensemble.Members.Trees.PredictMargins(_unseen)));
    }

    [Test]
    public void Write_LinearMargins_EqualTheTrainersInFloat()
    {
        var members = OnnxRun.Run(EnsembleModelWriter.Write(_ensemble), _unseen)[EnsembleGraph.MemberMargins];

        var linear = members.Where((_, i) => i % Members == 2);
        Assert.That(OnnxRun.LargestGap(linear, _ensemble.Members.Linear.PredictMargins(_unseen)), Is.LessThanOrEqualTo(4e-6));
    }

    [Test]
    public void Write_ForestAndAnomalyMargins_EqualTheTrainersToTheBit()
    {
        foreach (var rows in new[] { _unseen, SyntheticRows.Extremes() })
        {
            var members = OnnxRun.Run(EnsembleModelWriter.Write(_ensemble), rows)[EnsembleGraph.MemberMargins];

            var forest = members.Where((_, i) => i % Members == 1);
            var anomaly = members.Where((_, i) => i % Members == 3);
            Assert.That(forest.Select(m => (double)m), Is.EqualTo(_ensemble.Members.Forest.PredictMargins(rows)));
            Assert.That(anomaly.Select(m => (double)m), Is.EqualTo(_ensemble.Members.Anomaly.PredictMargins(rows)));
        }
    }

    [Test]
    public void Write_Explained_AgreesWithTheMarginAndWithLightGbm() =>
        Assert.That(ExplanationParity.Check(EnsembleModelWriter.Write(_ensemble), _ensemble, _unseen), Is.LessThanOrEqualTo(1e-4));

    [Test]
    public void ExplanationParity_GraphOfAnotherModel_IsRefused()
    {
        var other = _ensemble with { Stacker = _ensemble.Stacker with { Bias = _ensemble.Stacker.Bias + 0.01f } };

        Assert.That(() => ExplanationParity.Check(EnsembleModelWriter.Write(other), _ensemble, _unseen),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("no bundle was written"));
    }

    [Test]
    public void Write_InfinitiesExtremesAndNaN_GiveTheTrainersProbability()
    {
        var extremes = SyntheticRows.Extremes();

        var outputs = OnnxRun.Run(EnsembleModelWriter.Write(_ensemble), extremes);

        Assert.That(outputs[EnsembleGraph.Probability], Has.All.InRange(0f, 1f));
        var wanted = _ensemble.PredictProbabilities(extremes);
        Assert.That(OnnxRun.LargestGap(outputs[EnsembleGraph.Probability], wanted), Is.LessThanOrEqualTo(1e-6));
    }

    [Test]
    public void Write_ValuesOnAndNextToEveryThreshold_EqualLightGbmsToTheBit()
    {
        var model = LightGbmModelText.Parse(_ensemble.Members.Trees.ModelText);
        var builder = new TrainingMatrixBuilder(_unseen.FeatureNames, _unseen.CategoricalFeatures);
        var numeric = model.Trees.SelectMany(t => t.Splits).Where(s => s.Categories is null);
        foreach (var split in numeric.DistinctBy(s => (s.Feature, s.Threshold)))
        {
            var on = SplitIntervals.Floor(split.Threshold);
            foreach (var value in new[] { MathF.BitDecrement(on), on, MathF.BitIncrement(on) })
            {
                var row = _unseen.Row(builder.Rows % _unseen.Rows).ToArray();
                row[split.Feature] = value;
                builder.Add(row, 0);
            }
        }
        var rows = builder.Build();

        var margins = OnnxRun.Run(OnnxRun.TreesAlone(model), rows)["margin"];

        Assert.That(rows.Rows, Is.GreaterThan(1_000));
        Assert.That(margins.Select(m => (double)m), Is.EqualTo(_ensemble.Members.Trees.PredictMargins(rows)));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(64)]
    public void Write_AnyBatch_GivesEachRowWhatItGetsAlone(int rows)
    {
        var batch = _unseen.Slice(17, rows);

        var outputs = OnnxRun.Run(EnsembleModelWriter.Write(_ensemble), batch);

        Assert.That(outputs[EnsembleGraph.Probability], Has.Length.EqualTo(rows));
        Assert.That(outputs[EnsembleGraph.MemberMargins], Has.Length.EqualTo(Members * rows));
        using var session = new InferenceSession(EnsembleModelWriter.Write(_ensemble).ToByteArray());
        for (var i = 0; i < rows; i++)
        {
            var alone = OnnxRun.Run(session, batch.Row(i).ToArray(), 1, batch.Features);
            Assert.That(alone[EnsembleGraph.Probability][0], Is.EqualTo(outputs[EnsembleGraph.Probability][i]).Within(2e-7));
        }
    }

    [Test]
    public void Train_TheSameRowsAgain_GivesTheSameOnnxBytes()
    {
        var quick = Parameters with { Trees = Parameters.Trees with { Trees = 30 } };
        var first = EnsembleTrainer.Train(SyntheticRows.Make(20_000, seed: 1), SyntheticRows.Make(8_000, seed: 2), quick);
        var second = EnsembleTrainer.Train(SyntheticRows.Make(20_000, seed: 1), SyntheticRows.Make(8_000, seed: 2), quick);

        Assert.That(second.Members.Trees.ModelText, Is.EqualTo(first.Members.Trees.ModelText));
        Assert.That(EnsembleModelWriter.Write(second).ToByteArray(), Is.EqualTo(EnsembleModelWriter.Write(first).ToByteArray()));
    }

    [Test]
    public void Write_ManyRows_OrdersProbabilitiesAsMargins()
    {
        var outputs = OnnxRun.Run(EnsembleModelWriter.Write(_ensemble), _unseen);

        var ordered = outputs[EnsembleGraph.Margin].Zip(outputs[EnsembleGraph.Probability]).Order().Select(p => p.Second);
        Assert.That(ordered, Is.Ordered);
    }
}
