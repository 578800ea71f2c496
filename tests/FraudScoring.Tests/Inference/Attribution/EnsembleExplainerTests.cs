using FraudScoring.Inference.Attribution;
using FraudScoring.Inference.Contracts;
using FraudScoring.Tests.Training.Export;
using FraudScoring.Training.Export;
using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Inference.Attribution;

public sealed class EnsembleExplainerTests
{
    private const int Features = 7;

    [TestCase(true, true, false)]
    [TestCase(true, true, true)]
    [TestCase(true, false, false)]
    [TestCase(false, true, false)]
    public void Explain_AnyMembers_AddUpToTheStackersMargin(bool hasTrees, bool hasLinear, bool linearFirst)
    {
        var sampler = new TreeSampler(23) { Features = Features };
        var trees = hasTrees ? sampler.Trees(20, 16, 6) : null;
        var model = EnsembleGraphs.Create(trees, hasLinear, Features, 29, linearFirst);
        var explainer = EnsembleExplainer.Load(model);
        var weights = EnsembleGraphs.Values(model, EnsembleGraph.StackerWeights);
        var linearAt = hasTrees && !linearFirst ? 1 : 0;
        for (var round = 0; round < 30; round++)
        {
            var row = sampler.Row();
            var margin = -2 + (hasTrees ? weights[hasLinear && linearFirst ? 1 : 0] * trees!.Margin(row) : 0)
                + (hasLinear ? weights[linearAt] * (0.5 + LinearTerms(model, row).Sum()) : 0);
            var contributions = new double[Features];
            Assert.That(explainer.Explain(row, contributions) + contributions.Sum(), Is.EqualTo(margin).Within(1e-5));
        }
    }

    [Test]
    public void Explain_GraphAsExported_AddsUpToTheMarginThatTheRuntimeReturns()
    {
        var rows = OracleFiles.Rows("trees/lightgbm/rows.csv");
        var random = new Random(19);
        float[] Weights() => [.. Enumerable.Range(0, rows.Features).Select(_ => random.NextSingle() - 0.5f)];
        var linear = new LogisticRegression(Weights(), [.. Weights().Select(w => 1 + w)], 3, Weights(), -1, true, 1);
        var trees = new GrownTrees(OracleFiles.Text("trees/lightgbm/model.txt"), rows.Features);
        var members = new EnsembleMembers(trees, trees, linear, IsolationForest.Grow(rows, new IsolationForestParameters { Trees = 30 }));
        var model = EnsembleModelWriter.Write(new TrainedEnsemble(
            rows.FeatureNames, members, new Stacker([0.7f, 0.2f, 0.4f, 0.1f], 0.3f, true), new Calibration(0, 1, [0], [0])));
        var margins = OnnxRun.Run(model, rows)[EnsembleGraph.Margin];
        var explainer = EnsembleExplainer.Load(model);
        for (var i = 0; i < rows.Rows; i++)
        {
            var contributions = new double[rows.Features];
            Assert.That(explainer.Explain(rows.Row(i), contributions) + contributions.Sum(),
                Is.EqualTo(margins[i]).Within(1e-4), $"row {i}");
        }
    }

    [Test]
    public void Explain_WholeEnsembles_EqualShapleyByDefinition()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var sampler = new TreeSampler(seed) { Features = 5 };
            var members = EnsembleGraph.TreeMembers.ToDictionary(name => name, name =>
                new TreeSampler(seed + name.Length) { Features = 5 }.Trees(3, 9, 5));
            var model = EnsembleGraphs.Create(members, linear: true, 5, seed);
            var explainer = EnsembleExplainer.Load(model);
            var weights = EnsembleGraphs.Values(model, EnsembleGraph.StackerWeights);
            var row = sampler.Row();
            var expected = LinearTerms(model, row).Select(term => weights[3] * term).ToArray();
            foreach (var (i, name) in EnsembleGraph.TreeMembers.Index())
            {
                expected = [.. expected.Zip(BruteForceShapley.Contributions(members[name], row), (sum, own) => sum + (weights[i] * own))];
            }
            var contributions = new double[5];
            explainer.Explain(row, contributions);
            Assert.That(contributions, Is.EqualTo(expected).Within(4e-6), $"seed {seed}");
        }
    }

    [Test]
    public void Load_AMemberTwice_IsRefused()
    {
        var model = EnsembleGraphs.Create(new TreeSampler(67) { Features = Features }.Trees(3, 8, 4), linear: true, Features, 71);
        model.Graph.Node.Single(node => node.OpType == "Concat").Input.Add("linear.margin");
        Assert.That(() => EnsembleExplainer.Load(model),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("'linear' occurs 2 times"));
    }

    [Test]
    public void Explain_LinearMemberAlone_ReturnsItsTermsAndNothingForMissing()
    {
        var model = EnsembleGraphs.Create((DecisionTrees?)null, linear: true, Features, 31);
        var explainer = EnsembleExplainer.Load(model);
        float[] row = [0.5f, float.NaN, 100, -100, 0, float.PositiveInfinity, 1];
        var weight = EnsembleGraphs.Values(model, EnsembleGraph.StackerWeights)[0];
        var contributions = new double[Features];
        explainer.Explain(row, contributions);
        Assert.That(contributions, Is.EqualTo(LinearTerms(model, row).Select(term => weight * term)).Within(1e-6));
        Assert.That(contributions[1], Is.Zero);
    }

    [Test]
    public void Explain_Repeatedly_AllocatesNothing()
    {
        var sampler = new TreeSampler(37) { Features = Features };
        var explainer = EnsembleExplainer.Load(EnsembleGraphs.Create(sampler.Trees(50, 31, 12), linear: true, Features, 41));
        var rows = Enumerable.Range(0, 20).Select(_ => sampler.Row()).ToArray();
        var contributions = new double[Features];
        void ExplainAll()
        {
            foreach (var row in rows)
            {
                explainer.Explain(row, contributions);
            }
        }
        ExplainAll();
        var before = GC.GetAllocatedBytesForCurrentThread();
        ExplainAll();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Explain_FromManyThreads_ReturnsTheSame()
    {
        var sampler = new TreeSampler(43) { Features = Features };
        var explainer = EnsembleExplainer.Load(EnsembleGraphs.Create(sampler.Trees(30, 31, 12), linear: true, Features, 47));
        var rows = Enumerable.Range(0, 500).Select(_ => sampler.Row()).ToArray();
        double[] Explain(float[] row)
        {
            var contributions = new double[Features];
            explainer.Explain(row, contributions);
            return contributions;
        }
        var alone = Array.ConvertAll(rows, Explain);
        var together = new double[rows.Length][];
        Parallel.For(0, rows.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => together[i] = Explain(rows[i]));
        Assert.That(together, Is.EqualTo(alone));
    }

    [Test]
    public void Explain_ShortSpan_SaysHowManyAreNeeded()
    {
        var explainer = EnsembleExplainer.Load(EnsembleGraphs.Create((DecisionTrees?)null, linear: true, Features, 53));
        Assert.That(() => explainer.Explain(new float[Features - 1], new double[Features]),
            Throws.ArgumentException.With.Message.Contains("7 entries"));
    }

    [Test]
    public void Load_TreesWithoutCover_NamesHitrates()
    {
        var model = EnsembleGraphs.Create(new TreeSampler(59) { Features = Features }.Trees(3, 8, 4), linear: true, Features, 61);
        var hitrates = model.Graph.Node[0].Attribute.Single(attribute => attribute.Name == "nodes_hitrates");
        model.Graph.Node[0].Attribute.Remove(hitrates);
        Assert.That(() => EnsembleExplainer.Load(model), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("nodes_hitrates"));
    }

    [Test]
    public void Load_UnknownMember_IsRefusedRatherThanLeftOut()
    {
        var model = EnsembleGraphs.Create(new TreeSampler(67) { Features = Features }.Trees(3, 8, 4), linear: true, Features, 71);
        model.Graph.Node.Single(node => node.OpType == "Concat").Input.Add("network.margin");
        Assert.That(() => EnsembleExplainer.Load(model), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("network.margin"));
    }

    [Test]
    public void Load_ParametersMissingOrOfWrongLength_NamesThemAll()
    {
        var model = EnsembleGraphs.Create((DecisionTrees?)null, linear: true, Features, 73);
        model.Graph.Initializer.Remove(model.Graph.Initializer.Single(tensor => tensor.Name == EnsembleGraph.LinearMean));
        model.Graph.Initializer.Single(tensor => tensor.Name == EnsembleGraph.LinearWeights).FloatData.Add(1);
        model.Graph.Initializer.Single(tensor => tensor.Name == EnsembleGraph.LinearScale).FloatData[3] = 0;
        Assert.That(() => EnsembleExplainer.Load(model), Throws.InstanceOf<InvalidDataException>()
            .With.Message.Contains(EnsembleGraph.LinearMean)
            .And.Message.Contains(EnsembleGraph.LinearWeights).And.Message.Contains("linear.scale[3]"));
    }

    private static double[] LinearTerms(FraudScoring.Onnx.ModelProto model, float[] row)
    {
        var mean = EnsembleGraphs.Values(model, EnsembleGraph.LinearMean);
        var scale = EnsembleGraphs.Values(model, EnsembleGraph.LinearScale);
        var weights = EnsembleGraphs.Values(model, EnsembleGraph.LinearWeights);
        return [.. row.Select((x, i) => float.IsNaN(x) ? 0 : weights[i] * Math.Clamp((x - mean[i]) / scale[i], -1.5, 1.5))];
    }
}
