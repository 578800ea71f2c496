using FraudScoring.Core.Payments;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Onnx;
using FraudScoring.Tests.Core.Features;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Tests.Inference.Ensembles;

public sealed class EnsembleTests
{
    private static readonly int Features = TestCatalogues.Served.Features.Count;
    private Ensemble _ensemble = null!;

    private int Members => _ensemble.Bundle.Manifest.Members.Count;

    [OneTimeSetUp]
    public void Load()
    {
        var faults = new Faults();
        var bundle = ModelBundle.Load(BundleFolder.Committed, TestCatalogues.Served, faults)!;
        Assert.That(faults, Is.Empty);
        faults.Clear();
        _ensemble = Ensemble.Load(bundle, Features, faults)!;
        Assert.That(faults, Is.Empty);
    }

    [OneTimeTearDown]
    public void Dispose() => _ensemble.Dispose();

    [Test]
    public void Run_AnyRow_AgreesWithAPlainSession()
    {
        using var session = CpuDevice.Open(_ensemble.Bundle.Graph);
        var margins = new float[_ensemble.Bundle.Manifest.Members.Count];
        foreach (var row in Rows(300))
        {
            var score = _ensemble.Run(row, margins);
            var (probability, margin, members) = Plain(session, row);
            Assert.That((score.Probability, score.Margin), Is.EqualTo(((double)probability, (double)margin)));
            Assert.That(margins, Is.EqualTo(members));
            Assert.That(score.Probability, Is.InRange(0, 1));
        }
    }

    [Test]
    public void Run_Warm_AllocatesNothing()
    {
        var rows = Rows(50).ToArray();
        var margins = new float[_ensemble.Bundle.Manifest.Members.Count];
        Array.ForEach(rows, row => _ensemble.Run(row, margins));
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var row in rows)
        {
            _ensemble.Run(row, margins);
        }
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Run_FromManyThreads_GivesEachItsOwnScore()
    {
        var rows = Rows(64).ToArray();
        var expected = Array.ConvertAll(rows, row => _ensemble.Run(row, new float[Members]));
        Parallel.For(0, 64 * 40, new ParallelOptions { MaxDegreeOfParallelism = 16 }, i =>
        {
            var margins = new float[Members];
            var score = _ensemble.Run(rows[i % 64], margins);
            if (score != expected[i % 64])
            {
                throw new InvalidOperationException($"row {i % 64} returned {score}, not {expected[i % 64]}");
            }
        });
    }

    [Test]
    public void Run_MoreFailuresThanLanesAreKept_GiveTheirLanesBack()
    {
        var graph = FaultyGraph.Create(_ensemble.Bundle.Graph, feature: 0, above: 1e6f, GraphFault.Fails);
        var bundle = _ensemble.Bundle with { Graph = graph };
        var faults = new Faults();
        using var faulty = Ensemble.Load(bundle, Features, faults)!;
        Assert.That(faults, Is.Empty);
        var (row, batch) = (new float[Features], new float[bundle.FeatureIndexes.Length]);
        (row[bundle.FeatureIndexes[0]], batch[0]) = (2e6f, 2e6f);
        for (var i = 0; i < 10 * Environment.ProcessorCount; i++)
        {
            Assert.That(() => faulty.Run(row, new float[Members]), Throws.InstanceOf<OnnxRuntimeException>());
            Assert.That(() => faulty.RunBatch(batch, new float[1], new float[1], new float[Members]),
                Throws.InstanceOf<OnnxRuntimeException>());
        }
        Assert.That(faulty.LanesOpened, Is.EqualTo(2), "one for single rows, one for batches");
        row[bundle.FeatureIndexes[0]] = 1;
        Assert.That(faulty.Run(row, new float[Members]).Probability, Is.InRange(0, 1), "its lanes can be used again");
    }

    [Test]
    public async Task RunAsync_BufferTooSmallForItsMembers_IsAnsweredAsFailed_AndTheProbeIsGivenBack()
    {
        var settings = new EnsembleSettings
        {
            Quarantine = new QuarantineSettings { After = 1, FirstPause = TimeSpan.Zero, LongestPause = TimeSpan.Zero },
        };
        using var ensemble = Ensemble.Load(_ensemble.Bundle, Features, new(), settings)!;
        for (var i = 0; i < 3; i++)
        {
            var failed = await AskAsync(new float[Members - 1]);
            Assert.That((failed.Result.Outcome, ensemble.Quarantine.IsQuarantined), Is.EqualTo((RunOutcome.RunFailed, true)));
        }
        var answer = await AskAsync(new float[Members]);
        Assert.That((answer.Result.Outcome, ensemble.Quarantine.IsQuarantined), Is.EqualTo((RunOutcome.Valid, false)));

        ValueTask<GuardedAnswer<BatchAnswer>> AskAsync(float[] margins) => GuardedRun.RunAsync<EnsembleRun, BatchAnswer>(
            ensemble.Quarantine, new EnsembleRun(ensemble, new float[Features], margins, long.MaxValue));
    }

    [Test]
    public void Explain_AnyRow_AddsUpToTheMargin()
    {
        var contributions = new double[Features];
        foreach (var row in Rows(100))
        {
            var baseValue = _ensemble.Explain(row, contributions);
            Assert.That(baseValue + contributions.Sum(), Is.EqualTo(_ensemble.Run(row, new float[Members]).Margin).Within(1e-4));
        }
    }

    [Test]
    public void Load_NotAGraph_IsRefused()
    {
        using var bundle = new BundleFolder();
        bundle.ReplaceGraph([1, 2, 3]);
        Assert.That(bundle.LoadFaults().Single(), Does.StartWith("model.onnx: cannot be run"));
        bundle.ReplaceGraph([]);
        Assert.That(bundle.LoadFaults().Single(), Does.StartWith("model.onnx: cannot be run"));
    }

    [Test]
    public void Load_OtherNumberOfFeaturesOrMembers_IsRefused()
    {
        using var bundle = new BundleFolder();
        bundle.ChangeManifest(m => m["features"]!.AsArray().RemoveAt(0));
        bundle.ChangeManifest(m => m["members"]!.AsArray().Add("third"));
        Assert.That(bundle.LoadFaults(), Is.EqualTo(new[]
        {
            $"model.onnx: must have the input features [rows, {Features - 1}]",
            $"model.onnx: must have the output member_margins [rows, {Members + 1}]",
        }));
    }

    [TestCase("probability", 1)]
    [TestCase("margin", 1)]
    [TestCase("member_margins", null)]
    public void Load_OutputMissing_IsRefused(string name, int? columns)
    {
        using var bundle = new BundleFolder();
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(bundle.Path(ModelManifest.GraphFileName)));
        model.Graph.Output.Remove(model.Graph.Output.Single(o => o.Name == name));
        bundle.ReplaceGraph(model.ToByteArray());
        Assert.That(bundle.LoadFaults().Single(), Is.EqualTo($"model.onnx: must have the output {name} [rows, {columns ?? Members}]"));
    }

    [Test]
    public void Load_GraphThatCannotBeExplained_IsRefused()
    {
        using var bundle = new BundleFolder();
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(bundle.Path(ModelManifest.GraphFileName)));
        var trees = model.Graph.Node.Single(n => n.Name == EnsembleGraph.Trees);
        trees.Attribute.Remove(trees.Attribute.Single(a => a.Name.StartsWith("nodes_hitrates", StringComparison.Ordinal)));
        bundle.ReplaceGraph(model.ToByteArray());
        Assert.That(bundle.LoadFaults().Single(), Does.StartWith("model.onnx: cannot be run").And.Contain("hitrates"));
    }

    /// <summary>Rows for the catalogue: mostly missing, mostly small, and extreme values.</summary>
    internal static IEnumerable<float[]> Rows(int count)
    {
        var random = new Random(5);
        for (var i = 0; i < count; i++)
        {
            var row = new float[Features];
            foreach (ref var value in row.AsSpan())
            {
                value = random.Next(5) == 0 ? float.NaN
                    : (float)(Math.Pow(10, random.Next(-2, i % 10 == 0 ? 12 : 4)) * random.NextDouble());
            }
            yield return row;
        }
    }

    private (float Probability, float Margin, float[] Members) Plain(InferenceSession session, float[] row)
    {
        var features = _ensemble.Bundle.FeatureIndexes.Select(i => row[i]).ToArray();
        using var input = OrtValue.CreateTensorValueFromMemory(features, [1, features.Length]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, [EnsembleGraph.Features], [input],
            [EnsembleGraph.Probability, EnsembleGraph.Margin, EnsembleGraph.MemberMargins]);
        return (outputs[0].GetTensorDataAsSpan<float>()[0], outputs[1].GetTensorDataAsSpan<float>()[0], outputs[2]
            .GetTensorDataAsSpan<float>().ToArray());
    }
}
