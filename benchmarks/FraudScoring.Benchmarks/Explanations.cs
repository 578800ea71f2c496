using BenchmarkDotNet.Attributes;
using FraudScoring.Benchmarks.Fixtures;
using FraudScoring.Inference.Attribution;

namespace FraudScoring.Benchmarks;

/// <summary>Exact contributions of an ensemble of the largest allowed size: 300 complete trees of depth 8.</summary>
public class Explanations
{
    private const int Count = 64, Trees = 300, Depth = 8, Features = 80;
    private TreeShap _shap = null!;
    private float[][] _rows = [];
    private double[] _contributions = [];

    /// <summary>Creates random trees and rows.</summary>
    [GlobalSetup]
    public async Task SetUpAsync()
    {
        var random = new Random(1);
        _shap = new TreeShap(RandomTrees(random), Features);
        _rows = [.. Enumerable.Range(0, Count).Select(_ => Enumerable.Range(0, Features).Select(_ => random.NextSingle()).ToArray())];
        _contributions = new double[Features];
        await Warmth.ReachAsync(() => LargeEnsemble());
    }

    /// <summary>Computes the contributions to one score.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public double LargeEnsemble()
    {
        foreach (var row in _rows)
        {
            _shap.AddContributions(row, 1, _contributions);
        }
        return _contributions[0];
    }

    private static DecisionTrees RandomTrees(Random random)
    {
        // Nodes are stored level by level: the children of node i are nodes 2i + 1 and 2i + 2.
        const int splits = (1 << Depth) - 1, nodes = (2 * splits) + 1;
        var all = Enumerable.Range(0, Trees * nodes).ToArray();
        var isSplit = Array.ConvertAll(all, node => node % nodes < splits);
        int[] Children(int which) =>
            Array.ConvertAll(all, node => isSplit[node] ? node - (node % nodes) + (2 * (node % nodes)) + which : -1);
        return new DecisionTrees
        {
            Roots = [.. Enumerable.Range(0, Trees).Select(tree => tree * nodes)],
            Feature = Array.ConvertAll(all, node => isSplit[node] ? random.Next(Features) : 0),
            Threshold = Array.ConvertAll(all, node => isSplit[node] ? random.NextSingle() : 0),
            Mode = Array.ConvertAll(all, _ => BranchMode.LessOrEqual),
            MissingTracksTrue = new bool[all.Length],
            TrueChild = Children(1),
            FalseChild = Children(2),
            Value = Array.ConvertAll(all, node => isSplit[node] ? 0 : random.NextDouble() - 0.5),
        }.WithCover(Array.ConvertAll(all, node => Math.ScaleB(1, Depth - (int)Math.Log2((node % nodes) + 1))));
    }
}
