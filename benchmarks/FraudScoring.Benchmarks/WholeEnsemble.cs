using BenchmarkDotNet.Attributes;
using FraudScoring.Benchmarks.Fixtures;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Onnx;
using FraudScoring.Server.Deployments;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Benchmarks;

/// <summary>
/// One row through the committed ensemble, with its boosted trees replaced by 300 trees of 31 leaves, compared with a session of these
/// trees alone. The difference is the cost of the other members, the stacker and the calibration.
/// </summary>
public class WholeEnsemble : IDisposable
{
    private const int Payments = BenchmarkHistory.Scored;
    private static readonly RunOptions Options = new();
    private Ensemble _ensemble = null!;
    private InferenceSession _alone = null!;
    private string[] _outputs = [];
    private OrtValue[] _inputs = [];
    private float[][] _rows = [];
    private float[] _margins = [];

    /// <summary>Creates the graphs, and rows of payments whose entities have a history.</summary>
    [GlobalSetup]
    public async Task SetUpAsync()
    {
        var models = CommittedModels.Load();
        var bundle = models.Loaded.Champion!.Ensemble.Bundle;
        _rows = Rows(models);
        var seen = Array.ConvertAll(_rows, row => Array.ConvertAll(bundle.FeatureIndexes, i => row[i]));
        var graph = ModelProto.Parser.ParseFrom(bundle.Graph);
        var place = graph.Graph.Node.Index().Single(node => node.Item.Name == EnsembleGraph.Trees).Index;
        var trees = graph.Graph.Node[place] = SyntheticTrees.Node(graph.Graph.Node[place], seen);
        var faults = new Faults();
        _ensemble = Ensemble.Load(bundle with { Graph = graph.ToByteArray() }, models.Catalogue.Features.Count, faults)
            ?? throw new InvalidOperationException(faults.ToLines());
        _alone = CpuDevice.Open(SyntheticTrees.Alone(graph, trees).ToByteArray());
        _outputs = [trees.Output[0]];
        _inputs = Array.ConvertAll(seen, row => OrtValue.CreateTensorValueFromMemory(row, [1, row.Length]));
        _margins = new float[bundle.Manifest.Members.Count];
        await Warmth.ReachAsync(() => TreesAlone(), () => Whole());
        models.Loaded.Champion!.Return();
    }

    /// <summary>Runs the session of the trees.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Payments)]
    public float TreesAlone()
    {
        var sum = 0f;
        foreach (var input in _inputs)
        {
            using var outputs = _alone.Run(Options, [EnsembleGraph.Features], [input], _outputs);
            sum += outputs[0].GetTensorDataAsSpan<float>()[0];
        }
        return sum;
    }

    /// <summary>Runs the ensemble as for a payment.</summary>
    [Benchmark(OperationsPerInvoke = Payments)]
    public double Whole()
    {
        var sum = 0.0;
        foreach (var row in _rows)
        {
            sum += _ensemble.Run(row, _margins).Probability;
        }
        return sum;
    }

    /// <summary>Disposes of the models.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        _ensemble.Dispose();
        _alone.Dispose();
        Array.ForEach(_inputs, input => input.Dispose());
        GC.SuppressFinalize(this);
    }

    private static float[][] Rows(ModelsFolder models)
    {
        var (catalogue, rates) = (models.Catalogue, models.Rates.Current);
        var history = BenchmarkHistory.Before(TimeProvider.System.GetUtcNow());
        var stored = new StoredProfiles(catalogue, rates, history.Past);
        return Array.ConvertAll(history.Next, payment =>
        {
            var row = new float[catalogue.Features.Count];
            FeatureBuilder.Fill(catalogue, payment, rates.Convert(payment), stored.Find(payment), row);
            return row;
        });
    }
}
