using FraudScoring.Inference.Attribution;

namespace FraudScoring.Tests.Inference.Attribution;

/// <summary>Random trees and rows for comparisons with exact definitions.</summary>
internal sealed class TreeSampler(int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<int> _feature = [];
    private readonly List<float> _threshold = [];
    private readonly List<BranchMode> _mode = [];
    private readonly List<bool> _missing = [];
    private readonly List<int> _true = [];
    private readonly List<int> _false = [];
    private readonly List<double> _value = [];
    private readonly List<double> _cover = [];

    public int Features { get; init; } = 6;

    public BranchMode[] Modes { get; init; } = [BranchMode.LessOrEqual];

    /// <summary>How often a split sends no cover to one side.</summary>
    public double EmptyShare { get; init; }

    /// <summary>Grows trees at random leaves up to the given number of leaves and depth.</summary>
    public DecisionTrees Trees(int count, int leaves, int depth)
    {
        var roots = new List<int>();
        for (var i = 0; i < count; i++)
        {
            roots.Add(Leaf(1000));
            var open = new List<(int Node, int Depth)> { (roots[^1], 0) };
            for (var grown = 1; grown < leaves && open.Any(leaf => leaf.Depth < depth); grown++)
            {
                var candidates = open.Where(leaf => leaf.Depth < depth).ToList();
                var chosen = candidates[_random.Next(candidates.Count)];
                open.Remove(chosen);
                open.AddRange(Split(chosen.Node).Select(child => (child, chosen.Depth + 1)));
            }
        }
        return new DecisionTrees
        {
            Roots = [.. roots], Feature = [.. _feature], Threshold = [.. _threshold], Mode = [.. _mode], MissingTracksTrue = [.. _missing],
            TrueChild = [.. _true], FalseChild = [.. _false], Value = [.. _value], Offset = 0.25,
        }.WithCover(_cover.ToArray());
    }

    /// <summary>Draws values from the grid of the thresholds, so that some equal a threshold, and some missing values.</summary>
    public float[] Row() => [.. Enumerable.Range(0, Features).Select(_ => _random.Next(6) == 0 ? float.NaN : Grid())];

    private float Grid() => _random.Next(-2, 3) / 2f;

    private int[] Split(int node)
    {
        var share = _random.NextDouble() < EmptyShare ? _random.Next(2) : 0.05 + (0.9 * _random.NextDouble());
        var cover = _cover[node];
        _feature[node] = _random.Next(Features);
        _threshold[node] = Grid();
        _mode[node] = Modes[_random.Next(Modes.Length)];
        _missing[node] = _random.Next(2) == 0;
        _value[node] = 0;
        _true[node] = Leaf(cover * share);
        _false[node] = Leaf(cover * (1 - share));
        return [_true[node], _false[node]];
    }

    private int Leaf(double cover)
    {
        _feature.Add(0);
        _threshold.Add(0);
        _mode.Add(BranchMode.LessOrEqual);
        _missing.Add(false);
        _true.Add(-1);
        _false.Add(-1);
        _value.Add((2 * _random.NextDouble()) - 1);
        _cover.Add(cover);
        return _feature.Count - 1;
    }
}
