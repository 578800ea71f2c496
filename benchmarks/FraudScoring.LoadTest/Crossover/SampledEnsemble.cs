using System.Globalization;
using FraudScoring.Inference.Contracts;
using FraudScoring.Onnx;
using Google.Protobuf;
using AttributeType = FraudScoring.Onnx.AttributeProto.Types.AttributeType;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.LoadTest.Crossover;

/// <summary>The shape of an ensemble whose trees grow leaf by leaf, as LightGBM's do.</summary>
/// <param name="Trees">Number of trees.</param>
/// <param name="Depth">Splits above the deepest leaf.</param>
internal sealed record EnsembleShape(int Trees, int Depth)
{
    /// <summary>Trees of LightGBM seldom have more leaves.</summary>
    private const int MostLeaves = 255;

    public static IReadOnlyList<EnsembleShape> All { get; } = [new(100, 6), new(500, 8), new(1000, 10), new(5000, 12)];

    /// <summary>Leaves per tree.</summary>
    public int Leaves => Math.Min(1 << Depth, MostLeaves);

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Trees} × {Depth}");
}

/// <summary>Creates a random ensemble of a shape, named like the product's graphs. Equal shapes give equal models.</summary>
internal sealed class SampledEnsemble
{
    public const int Features = 80;

    private static readonly ByteString Split = ByteString.CopyFromUtf8("BRANCH_LEQ"), Leaf = ByteString.CopyFromUtf8("LEAF");
    private readonly Random _random = new(2026);
    private readonly Dictionary<string, AttributeProto> _wholes = new[]
    {
        "nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_truenodeids", "nodes_falsenodeids", "nodes_missing_value_tracks_true",
        "target_treeids", "target_nodeids", "target_ids",
    }.ToDictionary(name => name, name => new AttributeProto { Name = name, Type = AttributeType.Ints });
    private readonly AttributeProto _modes = new() { Name = "nodes_modes", Type = AttributeType.Strings };
    private readonly AttributeProto _thresholds = new() { Name = "nodes_values", Type = AttributeType.Floats };
    private readonly AttributeProto _weights = new() { Name = "target_weights", Type = AttributeType.Floats };

    private SampledEnsemble()
    {
    }

    public static ModelProto Create(EnsembleShape shape)
    {
        var sampled = new SampledEnsemble();
        for (var tree = 0; tree < shape.Trees; tree++)
        {
            sampled.Add(tree, shape);
        }
        return sampled.Model();
    }

    /// <summary>Creates rows to score. One value in ten is missing.</summary>
    public static float[] Rows(int count)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count * Features).Select(_ => random.Next(10) == 0 ? float.NaN : random.NextSingle())];
    }

    private void Add(int tree, EnsembleShape shape)
    {
        var nodes = Grow(shape);
        for (var node = 0; node < nodes.Count; node++)
        {
            var (_, left) = nodes[node];
            Put("nodes_treeids", tree);
            Put("nodes_nodeids", node);
            Put("nodes_featureids", left > 0 ? _random.Next(Features) : 0);
            Put("nodes_truenodeids", Math.Max(left, 0));
            Put("nodes_falsenodeids", left > 0 ? left + 1 : 0);
            Put("nodes_missing_value_tracks_true", left > 0 ? _random.Next(2) : 0);
            _modes.Strings.Add(left > 0 ? Split : Leaf);
            _thresholds.Floats.Add(left > 0 ? 0.1f + (0.8f * _random.NextSingle()) : 0);
            if (left < 0)
            {
                Put("target_treeids", tree);
                Put("target_nodeids", node);
                Put("target_ids", 0);
                _weights.Floats.Add((_random.NextSingle() - 0.5f) / shape.Trees);
            }
        }
    }

    /// <summary>
    /// The level of each node, and its left child (the right child is the next node) or -1 for a leaf.
    /// </summary>
    private List<(int Level, int Left)> Grow(EnsembleShape shape)
    {
        List<(int Level, int Left)> nodes = [(0, -1)];
        List<int> open = [0];
        for (var leaves = 1; leaves < shape.Leaves && open.Count > 0; leaves++)
        {
            // The first path goes down to the full depth, so that every tree has the depth of its shape.
            var at = leaves <= shape.Depth ? open.Count - 1 : _random.Next(open.Count);
            var node = open[at];
            (open[at], nodes[node]) = (open[^1], (nodes[node].Level, nodes.Count));
            open.RemoveAt(open.Count - 1);
            for (var child = 0; child < 2; child++)
            {
                nodes.Add((nodes[node].Level + 1, -1));
                if (nodes[^1].Level < shape.Depth)
                {
                    open.Add(nodes.Count - 1);
                }
            }
        }
        return nodes;
    }

    private void Put(string name, long value) => _wholes[name].Ints.Add(value);

    private ModelProto Model()
    {
        var trees = new NodeProto
        {
            OpType = "TreeEnsembleRegressor", Domain = "ai.onnx.ml", Name = EnsembleGraph.Trees,
            Input = { EnsembleGraph.Features }, Output = { EnsembleGraph.Margin },
            Attribute =
            {
                _wholes.Values, _modes, _thresholds, _weights, new AttributeProto { Name = "n_targets", Type = AttributeType.Int, I = 1 },
            },
        };
        return new ModelProto
        {
            IrVersion = 8,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 },
                new OperatorSetIdProto { Domain = "ai.onnx.ml", Version = 3 } },
            Graph = new GraphProto
            {
                Name = "crossover",
                Input = { Rows(EnsembleGraph.Features, Features) },
                Output = { Rows(EnsembleGraph.Probability, 1), Rows(EnsembleGraph.Margin, 1), Rows(EnsembleGraph.MemberMargins, 1) },
                Node = { trees, After("Sigmoid", EnsembleGraph.Probability), After("Identity", EnsembleGraph.MemberMargins) },
            },
        };
    }

    private static NodeProto After(string operation, string output) =>
        new() { OpType = operation, Name = output, Input = { EnsembleGraph.Margin }, Output = { output } };

    private static ValueInfoProto Rows(string name, long columns)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "rows" });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = columns });
        return new ValueInfoProto
        {
            Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = shape } },
        };
    }
}
