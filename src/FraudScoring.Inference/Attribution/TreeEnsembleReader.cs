using FraudScoring.Core.Payments;
using FraudScoring.Onnx;

namespace FraudScoring.Inference.Attribution;

/// <summary>
/// Reads the trees of an ONNX model: a TreeEnsembleRegressor with one target, or a TreeEnsembleClassifier of two classes, whose margin is
/// the positive class's score before LOGISTIC (or the score itself where there is no post-transform).
/// </summary>
/// <remarks>
/// nodes_hitrates are taken as cover where every split's is the sum of its children's. The public converters of LightGBM, XGBoost,
/// CatBoost and scikit-learn write 1 for all or nothing: such trees have no cover, and need
/// <see cref="DecisionTrees.WithCover(ReadOnlySpan{double})"/>.
/// </remarks>
public static class TreeEnsembleReader
{
    private const string Regressor = "TreeEnsembleRegressor";
    private const string Classifier = "TreeEnsembleClassifier";
    private const int FaultsShown = 10;

    /// <summary>Reads the model's tree node: the one of that name, or the only one.</summary>
    /// <exception cref="InvalidDataException">No such node, several, or one that cannot be read; the message holds every fault.</exception>
    public static DecisionTrees Parse(ModelProto model, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var nodes = model.Graph.Node.Where(node => node.OpType is Regressor or Classifier && (name is null || node.Name == name)).ToList();
        return nodes.Count == 1
            ? Parse(nodes[0])
            : throw new InvalidDataException($"graph: holds {nodes.Count} tree ensembles{(name is null ? "" : $" named '{name}'")}; "
                + $"one {Regressor} or {Classifier} (ai.onnx.ml 1 to 4) is needed.");
    }

    /// <summary>Reads one node.</summary>
    /// <exception cref="InvalidDataException">It cannot be read; the message holds every fault.</exception>
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
