using System.Globalization;
using System.Runtime.InteropServices;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Attribution;
using FraudScoring.Onnx;

namespace FraudScoring.Inference.UserModels;

/// <summary>Explains a user model with one tree ensemble, or an isolation forest, that reads an input of the model unchanged.</summary>
internal sealed class TreeExplainer
{
    private static readonly string[] TreeOperators = ["TreeEnsembleRegressor", "TreeEnsembleClassifier", "TreeEnsemble"];
    private static readonly string[] PassOperators = ["Identity", "Cast"];
    private readonly TreeShap _shap;
    private readonly TensorSpec _input;

    private TreeExplainer(DecisionTrees trees, TensorSpec input, int features) =>
        (_shap, _input) = (new TreeShap(trees, features), input);

    /// <summary>Reads the trees of a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="inputs">The model's inputs.</param>
    /// <param name="cover">File with the cover, used if the graph does not hold it; or null.</param>
    /// <param name="why">Why the model cannot be explained, if it cannot.</param>
    /// <param name="faults">Receives what is wrong with the file.</param>
    public static TreeExplainer? Create(ServedGraph graph, IReadOnlyList<TensorSpec> inputs, string? cover, out string? why, Faults faults)
    {
        var nodes = graph.Model.Graph.Node.Where(IsTrees).ToList();
        why = nodes.Count == 0 ? "it holds no trees, and only trees can be explained exactly" : null;
        try
        {
            if (nodes.Count > 1)
            {
                return ReadForest(graph.Model, nodes, inputs, out why);
            }
            if (why is not null || InputOf(graph.Model, nodes[0], inputs, out why) is not { } input)
            {
                return null;
            }
            var trees = TreeEnsembleReader.Parse(nodes[0]);
            var features = FeaturesOf(trees, input);
            trees = trees.Cover is not null || cover is null ? trees : TreeCover.Parse(trees, features, cover, faults);
            why = trees is { Cover: null }
                ? "its graph does not store how many training rows passed each node; "
                    + $"put {TreeCover.LightGbm}, {TreeCover.Json}, {TreeCover.Counts} or {TreeCover.Rows} next to it"
                : null;
            return trees?.Cover is null ? null : new TreeExplainer(trees, input, features);
        }
        catch (InvalidDataException e)
        {
            why = $"its trees cannot be read: {e.Message}";
            return null;
        }
    }

    /// <summary>Computes the contributions to the margin for each row.</summary>
    public Tensor[] Explain(IReadOnlyList<Tensor> inputs, CancellationToken cancellationToken)
    {
        var rows = inputs.First(tensor => tensor.Name == _input.Name);
        var features = (int)rows.Shape[1];
        if (features < _shap.Features)
        {
            throw new ModelRunException(
                $"{_input.Name} has {features} columns, but the trees read {_shap.Features}.", new InvalidDataException());
        }
        return Explanation.Create(Floats(rows), features, (row, own) =>
        {
            _shap.AddContributions(row, 1, own);
            return _shap.BaseValue;
        }, cancellationToken);
    }

    private static float[] Floats(Tensor tensor)
    {
        var bytes = tensor.Bytes.Span;
        return tensor.Type.Name switch
        {
            "FP32" => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            "FP64" => Array.ConvertAll(MemoryMarshal.Cast<byte, double>(bytes).ToArray(), value => (float)value),
            "INT64" => Array.ConvertAll(MemoryMarshal.Cast<byte, long>(bytes).ToArray(), value => (float)value),
            _ => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(bytes).ToArray(), value => (float)value),
        };
    }

    private static TreeExplainer? ReadForest(ModelProto model, List<NodeProto> nodes, IReadOnlyList<TensorSpec> inputs, out string? why)
    {
        if (ConvertedIsolationForest.Parse(model, nodes, out var name) is not { } trees)
        {
            why = string.Create(CultureInfo.InvariantCulture,
                $"it holds {nodes.Count} tree ensembles and is not an isolation forest of scikit-learn; "
                    + $"only a single ensemble can be explained");
            return null;
        }
        return Table(inputs, name, out why) is { } input ? new TreeExplainer(trees, input, FeaturesOf(trees, input)) : null;
    }

    private static int FeaturesOf(DecisionTrees trees, TensorSpec input)
    {
        var features = (int)(input.Axes![1].IsFree ? trees.FeatureCount : input.Axes[1].Size);
        return trees.FeatureCount <= features ? features
            : throw new InvalidDataException($"they read feature {trees.FeatureCount - 1}, but the input has only {features} features.");
    }

    private static bool IsTrees(NodeProto node) => TreeOperators.Contains(node.OpType);

    /// <summary>Finds the input that the trees read, if they read it unchanged.</summary>
    private static TensorSpec? InputOf(ModelProto model, NodeProto trees, IReadOnlyList<TensorSpec> inputs, out string? why)
    {
        var name = trees.Input.FirstOrDefault("");
        for (var steps = 0; steps < model.Graph.Node.Count && inputs.All(input => input.Name != name); steps++)
        {
            var maker = model.Graph.Node.FirstOrDefault(node => node.Output.Contains(name));
            if (maker is null || !PassOperators.Contains(maker.OpType))
            {
                why = $"its trees read {(maker is null ? "an unknown value" : $"the output of {maker.OpType}")}, not an input of the model";
                return null;
            }
            name = maker.Input[0];
        }
        return Table(inputs, name, out why);
    }

    private static TensorSpec? Table(IReadOnlyList<TensorSpec> inputs, string name, out string? why)
    {
        var input = inputs.FirstOrDefault(input => input.Name == name);
        TensorType[] numbers = [TensorType.Fp32, TensorType.Fp64, TensorType.Whole64, TensorType.Whole32];
        why = input is { Axes.Count: 2 } && numbers.Contains(input.Type) ? null : "its trees do not read a table of numbers";
        return why is null ? input : null;
    }
}
