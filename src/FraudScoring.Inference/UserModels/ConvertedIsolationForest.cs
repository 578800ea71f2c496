using System.Runtime.InteropServices;
using FraudScoring.Inference.Attribution;
using FraudScoring.Inference.Devices;
using FraudScoring.Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Inference.UserModels;

/// <summary>
/// Reads an isolation forest as written by scikit-learn's converter to ONNX: one ensemble per tree, which returns the number of a leaf;
/// tables from that number to the leaf's depth and training rows; and a sum of the path lengths computed from these.
/// </summary>
/// <remarks>
/// The score of a row, 2 to the power of minus the mean path length, is not a sum over trees, so it has no exact tree contributions. Minus
/// the mean path length is, so that is explained.
/// </remarks>
internal sealed class ConvertedIsolationForest
{
    private readonly ModelProto _model;
    private readonly List<NodeProto> _ensembles;
    private readonly ILookup<string, NodeProto> _readers;

    private ConvertedIsolationForest(ModelProto model, List<NodeProto> ensembles)
    {
        (_model, _ensembles) = (model, ensembles);
        _readers = model.Graph.Node.SelectMany(node => node.Input.Distinct().Select(input => (input, node)))
            .ToLookup(pair => pair.input, pair => pair.node);
    }

    /// <summary>One tree, and the values computed from the number of its leaf.</summary>
    private sealed record ForestPart(DecisionTrees Tree, string Leaf, string Rows, string Length);

    /// <summary>
    /// Reads the forest as trees whose values add up to minus the mean path length, with their cover; null if the model is not such a
    /// forest.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="ensembles">Its tree ensembles.</param>
    /// <param name="input">Name of the value that all of them read.</param>
    public static DecisionTrees? Parse(ModelProto model, List<NodeProto> ensembles, out string input)
    {
        var forest = new ConvertedIsolationForest(model, ensembles);
        input = "";
        try
        {
            var inputs = ensembles.Select(forest.InputOf).ToList();
            var parts = ensembles.Select((ensemble, i) => forest.PartOf(ensemble, inputs[i].Columns)).ToList();
            if (inputs.Select(one => one.Name).Distinct().Count() > 1 || parts.Any(part => part is null))
            {
                return null;
            }
            input = inputs[0].Name;
            return forest.Merge([.. parts.OfType<ForestPart>()]);
        }
        catch (Exception e) when (e is InvalidDataException or OnnxRuntimeException or ArgumentException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Finds what a tree reads: an input of the model, or some of its columns.</summary>
    private (string Name, long[]? Columns) InputOf(NodeProto ensemble)
    {
        var maker = _model.Graph.Node.FirstOrDefault(node => node.Output.Contains(ensemble.Input[0]));
        if (maker is not { OpType: "Gather", Input.Count: 2 })
        {
            return (ensemble.Input[0], null);
        }
        var constant = _model.Graph.Initializer.FirstOrDefault(tensor => tensor.Name == maker.Input[1]);
        var columns = constant is { DataType: (int)DataType.Int64 }
            ? constant.Int64Data.Count > 0 ? [.. constant.Int64Data] : MemoryMarshal.Cast<byte, long>(constant.RawData.Span).ToArray()
            : throw new InvalidDataException("The columns that a tree reads are not constant.");
        return (maker.Input[0], columns);
    }

    private ForestPart? PartOf(NodeProto ensemble, long[]? columns)
    {
        var tree = TreeEnsembleReader.Parse(ensemble);
        var tables = Through(ensemble.Output[0], "Cast").Concat([ensemble.Output[0]]).SelectMany(number => Through(number, "LabelEncoder"))
            .Select(table => Through(table, "Reshape").FirstOrDefault(table)).Distinct().ToList();
        var rows = tables.Where(table => _readers[table].Any(reader => reader.OpType == "Greater")).ToList();
        var lengths = tables.Except(rows).Select(LengthOf).OfType<string>().ToList();
        return tree.Roots.Length != 1 || rows.Count != 1 || lengths.Count != 1 ? null
            : new ForestPart(columns is null ? tree : WithColumns(tree, columns), ensemble.Output[0], rows[0], lengths[0]);
    }

    /// <summary>Follows the depth to the node that sums it up over the trees.</summary>
    private string? LengthOf(string depth)
    {
        for (var name = depth; ;)
        {
            if (_readers[name].Any(reader => reader.OpType == "Sum" && reader.Input.Count == _ensembles.Count))
            {
                return name;
            }
            if (Through(name, "Add").FirstOrDefault() is not { } next)
            {
                return null;
            }
            name = next;
        }
    }

    private IEnumerable<string> Through(string name, string operation) =>
        _readers[name].Where(reader => reader.OpType == operation).Select(reader => reader.Output[0]);

    private static DecisionTrees WithColumns(DecisionTrees tree, long[] columns) => new()
    {
        Roots = tree.Roots,
        Feature = [.. tree.Feature.Select((feature, node) => tree.IsLeaf(node) ? 0 : (int)columns[feature])],
        Threshold = tree.Threshold,
        Mode = tree.Mode,
        MissingTracksTrue = tree.MissingTracksTrue,
        TrueChild = tree.TrueChild,
        FalseChild = tree.FalseChild,
        Value = tree.Value,
    };

    private DecisionTrees Merge(List<ForestPart> parts)
    {
        var leaves = Leaves(parts);
        var starts = parts.Select((_, i) => parts.Take(i).Sum(part => part.Tree.NodeCount)).ToArray();
        T[] All<T>(Func<DecisionTrees, IEnumerable<T>> values) => [.. parts.SelectMany(part => values(part.Tree))];
        int[] Moved(Func<DecisionTrees, int[]> nodes) =>
            [.. parts.SelectMany((part, i) => nodes(part.Tree).Select(node => node < 0 ? node : node + starts[i]))];
        var merged = new DecisionTrees
        {
            Roots = Moved(tree => tree.Roots),
            Feature = All(tree => tree.Feature),
            Threshold = All(tree => tree.Threshold),
            Mode = All(tree => tree.Mode),
            MissingTracksTrue = All(tree => tree.MissingTracksTrue),
            TrueChild = Moved(tree => tree.TrueChild),
            FalseChild = Moved(tree => tree.FalseChild),
            Value = [.. leaves.Select(leaf => -leaf.Length / parts.Count)],
        };
        var cover = leaves.Select(leaf => (double)leaf.Rows).ToArray();
        Array.ForEach(merged.Roots, root => AddUp(merged, root, cover));
        return merged.WithCover(cover);
    }

    private static double AddUp(DecisionTrees trees, int node, double[] cover) => trees.IsLeaf(node) ? cover[node]
        : cover[node] = AddUp(trees, trees.TrueChild[node], cover) + AddUp(trees, trees.FalseChild[node], cover);

    /// <summary>
    /// Training rows and path length of each node of all trees; 0 for splits. The graph itself computes them, so no formula is repeated
    /// here.
    /// </summary>
    private List<(float Rows, float Length)> Leaves(List<ForestPart> parts)
    {
        var most = parts.Max(part => part.Tree.NodeCount);
        using var session = CpuDevice.OpenAsIs(BehindTheTrees(parts).ToByteArray());
        using var options = new RunOptions();
        // The tables have no entry for a number that is not a leaf's, so splits and padding use the first leaf's.
        var numbers = parts.Select(part => part.Tree.Value
            .Select((value, node) => part.Tree.IsLeaf(node) ? (float)value : (float)part.Tree.Value[FirstLeaf(part.Tree)])
            .Concat(Enumerable.Repeat((float)part.Tree.Value[FirstLeaf(part.Tree)], most - part.Tree.NodeCount)).ToArray()).ToList();
        var inputs = numbers.Select(leaf => OrtValue.CreateTensorValueFromMemory(leaf, [most, 1])).ToList();
        try
        {
            using var outputs = session.Run(
                options, [.. parts.Select(part => part.Leaf)], inputs, [.. parts.SelectMany(part => new[] { part.Rows, part.Length })]);
            return [.. parts.SelectMany((part, i) => outputs[2 * i].GetTensorDataAsSpan<float>().ToArray()
                .Zip(outputs[(2 * i) + 1].GetTensorDataAsSpan<float>().ToArray())
                .Take(part.Tree.NodeCount).Select((leaf, node) => part.Tree.IsLeaf(node) ? leaf : (0, 0)))];
        }
        finally
        {
            inputs.ForEach(input => input.Dispose());
        }
    }

    private static int FirstLeaf(DecisionTrees tree) => Enumerable.Range(0, tree.NodeCount).First(tree.IsLeaf);

    /// <summary>The graph without its trees: from numbers of leaves to training rows and path lengths.</summary>
    private ModelProto BehindTheTrees(List<ForestPart> parts)
    {
        var cut = _model.Clone();
        var needed = parts.SelectMany(part => new[] { part.Rows, part.Length }).ToHashSet();
        var kept = new List<NodeProto>();
        foreach (var node in cut.Graph.Node.Reverse().Where(node => !SampleInputs.IsTrees(node) && node.Output.Any(needed.Contains)))
        {
            kept.Insert(0, node);
            needed.UnionWith(node.Input);
        }
        cut.Graph.Node.Clear();
        cut.Graph.Node.AddRange(kept);
        cut.Graph.Input.Clear();
        cut.Graph.Input.AddRange(parts.Select(part => Column(part.Leaf)));
        cut.Graph.Output.Clear();
        cut.Graph.Output.AddRange(parts.SelectMany(part => new[] { Column(part.Rows), Column(part.Length) }));
        return cut;
    }

    private static ValueInfoProto Column(string name) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = (int)DataType.Float,
                Shape = new TensorShapeProto
                {
                    Dim =
                    {
                        new TensorShapeProto.Types.Dimension { DimParam = "leaves" }, new TensorShapeProto.Types.Dimension { DimValue = 1 },
                    },
                },
            },
        },
    };
}
