using FraudScoring.Core.Payments;
using FraudScoring.Onnx;

namespace FraudScoring.Inference.Attribution;

/// <summary>
/// Reads the trees of an ONNX model: a TreeEnsembleRegressor with one target, or a TreeEnsembleClassifier with two classes. The margin of a
/// classifier is the score of the positive class before LOGISTIC, or the score itself without a post-transform.
/// </summary>
/// <remarks>
/// nodes_hitrates are used as cover if every split's is the sum of its children's. The public converters of LightGBM, XGBoost, CatBoost and
/// scikit-learn write 1 for every node, or nothing: such trees have no cover, and need
/// <see cref="DecisionTrees.WithCover(ReadOnlySpan{double})"/>.
/// </remarks>
public static class TreeEnsembleReader
{
    private const string Regressor = "TreeEnsembleRegressor";
    private const string Classifier = "TreeEnsembleClassifier";
    private const int FaultsShown = 10;

    /// <summary>Reads the model's tree ensemble: the one with the given name, or the only one.</summary>
    /// <exception cref="InvalidDataException">
    /// There is no such node, or several, or it cannot be read. The message names every fault.
    /// </exception>
    public static DecisionTrees Parse(ModelProto model, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var nodes = model.Graph.Node.Where(node => node.OpType is Regressor or Classifier && (name is null || node.Name == name)).ToList();
        return nodes.Count == 1
            ? Parse(nodes[0])
            : throw new InvalidDataException($"graph: holds {nodes.Count} tree ensembles{(name is null ? "" : $" named '{name}'")}; "
                + $"exactly one {Regressor} or {Classifier} (ai.onnx.ml 1 to 4) is required.");
    }

    /// <summary>Reads a tree ensemble.</summary>
    /// <exception cref="InvalidDataException">The node cannot be read. The message names every fault.</exception>
    public static DecisionTrees Parse(NodeProto node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var faults = new Faults();
        var attributes = new NodeAttributes(node, faults);
        var margin = LeafMargin.Parse(attributes, node.OpType == Classifier);
        ThrowOn(faults);
        var tree = new TreeNodes(attributes);
        ThrowOn(faults);
        var trees = tree.Build(margin);
        ThrowOn(faults);
        var cover = tree.Cover;
        return cover is not null && trees.IsCover(cover) ? trees.WithCover(cover) : trees;
    }

    private static void ThrowOn(Faults faults)
    {
        if (faults.Count > 0)
        {
            var more = faults.Count > FaultsShown ? $"; and {faults.Count - FaultsShown} more" : "";
            throw new InvalidDataException(string.Join("; ", faults.Take(FaultsShown)) + more);
        }
    }
}
