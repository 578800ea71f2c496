using FraudScoring.Onnx;
using FraudScoring.Training.Learners;

namespace FraudScoring.Training.Export;

/// <summary>
/// LightGBM's trees as the attributes of an ai.onnx.ml 3 TreeEnsembleRegressor that has BRANCH_LEQ nodes only.
/// </summary>
/// <remarks>
/// <para>
/// Layout: the operator takes parallel arrays with one entry per node, ordered by tree and by depth-first traversal. Node ids start at 0
/// in each tree, so the index of a node is the start of its tree plus its id. A node reserves its entries before its children are emitted
/// and receives their ids afterwards; reserving first gives the root id 0, as readers expect.
/// </para>
/// <para>
/// Splits: every LightGBM split maps intervals of its feature to the left or the right side (see <see cref="SplitIntervals"/>). Two
/// intervals are one node. More intervals (categories, zero as missing) become a binary search tree whose leaves are copies of the two
/// sides. The rejected alternative is one BRANCH_EQ node per category: ONNX Runtime is fastest when all nodes have one mode, and a search
/// tree needs only log2(intervals) comparisons. The cost is the copies, which multiply where categorical splits are nested.
/// </para>
/// <para>
/// Cover: <c>nodes_hitrates</c> holds the number of training rows per node, which TreeSHAP needs. Copies share the rows of their side
/// evenly, so that the contributions of all copies add up to those of the original tree.
/// </para>
/// </remarks>
internal sealed class TreeEnsembleNodes
{
    // Bounds memory: copies multiply where categorical splits are nested.
    private const int MostNodes = 1_000_000;

    private readonly List<long> _treeIds = [];
    private readonly List<long> _nodeIds = [];
    private readonly List<long> _features = [];
    private readonly List<float> _values = [];
    private readonly List<float> _covers = [];
    private readonly List<string> _modes = [];
    private readonly List<long> _whenTrue = [];
    private readonly List<long> _whenFalse = [];
    private readonly List<long> _missingTrue = [];
    private readonly List<(long Tree, long Node, float Weight)> _leaves = [];
    private readonly LightGbmModel _model;
    private LightGbmTree _tree;
    private int _treeStart;

    private TreeEnsembleNodes(LightGbmModel model) => (_model, _tree) = (model, model.Trees[0]);

    /// <summary>Number of nodes of all trees, including leaves.</summary>
    public int Count => _nodeIds.Count;

    /// <exception cref="InvalidDataException">The model has no trees, or its categorical splits need too many nodes.</exception>
    public static TreeEnsembleNodes Create(LightGbmModel model)
    {
        if (model.Trees.Count == 0)
        {
            throw new InvalidDataException("the LightGBM model has no trees: train at least one");
        }
        var nodes = new TreeEnsembleNodes(model);
        for (var tree = 0; tree < model.Trees.Count; tree++)
        {
            (nodes._tree, nodes._treeStart) = (model.Trees[tree], nodes.Count);
            nodes.Emit(tree, nodes._tree.Splits.Count > 0 ? 0 : ~0, 1);
        }
        return nodes;
    }

    /// <summary>Returns the ONNX node. Its output is float32 [rows, 1], the margin in log-odds.</summary>
    public NodeProto ToNode(string name, string input, string output) => OnnxNodes.Node(
        "TreeEnsembleRegressor", name, [input], output,
        OnnxNodes.Text("aggregate_function", "SUM"),
        OnnxNodes.Whole("n_targets", 1),
        OnnxNodes.Wholes("nodes_falsenodeids", _whenFalse),
        OnnxNodes.Wholes("nodes_featureids", _features),
        OnnxNodes.Numbers("nodes_hitrates", _covers),
        OnnxNodes.Wholes("nodes_missing_value_tracks_true", _missingTrue),
        OnnxNodes.Texts("nodes_modes", _modes),
        OnnxNodes.Wholes("nodes_nodeids", _nodeIds),
        OnnxNodes.Wholes("nodes_treeids", _treeIds),
        OnnxNodes.Wholes("nodes_truenodeids", _whenTrue),
        OnnxNodes.Numbers("nodes_values", _values),
        OnnxNodes.Text("post_transform", "NONE"),
        OnnxNodes.Wholes("target_ids", _leaves.Select(_ => 0L)),
        OnnxNodes.Wholes("target_nodeids", _leaves.Select(l => l.Node)),
        OnnxNodes.Wholes("target_treeids", _leaves.Select(l => l.Tree)),
        OnnxNodes.Numbers("target_weights", _leaves.Select(l => l.Weight)));

    // LightGBM numbers leaves by their complement: a negative child is leaf ~child. Share is the part of the child's rows that this copy
    // receives.
    private long Emit(int tree, int child, double share)
    {
        if (child < 0)
        {
            var leaf = Reserve(tree, share * _tree.Count(child), "LEAF");
            _leaves.Add((tree, leaf, (float)(_tree.LeafValues[~child] * _model.Sigmoid)));
            return leaf;
        }
        var split = _tree.Splits[child];
        return EmitSearch(tree, new Search(split, SplitIntervals.Create(split), share), 0, null);
    }

    // Emits a binary search over the intervals from..to (to is exclusive; null for the end). The node compares with the upper bound of the
    // middle interval's predecessor, and missing values follow the half that contains their interval.
    private long EmitSearch(int tree, Search search, int from, int? to)
    {
        var (intervals, end) = (search.Intervals.All, to ?? search.Intervals.All.Count);
        if (end - from == 1)
        {
            return intervals[from].Left
                ? Emit(tree, search.Split.Left, search.Share / intervals.Count(i => i.Left))
                : Emit(tree, search.Split.Right, search.Share / intervals.Count(i => !i.Left));
        }
        var middle = (from + end) / 2;
        var node = Reserve(tree, Cover(search, from, end), "BRANCH_LEQ");
        var at = _treeStart + (int)node;
        _features[at] = search.Split.Feature;
        _values[at] = intervals[middle - 1].Upper;
        _missingTrue[at] = search.Intervals.Missing >= from && search.Intervals.Missing < middle ? 1 : 0;
        _whenTrue[at] = EmitSearch(tree, search, from, middle);
        _whenFalse[at] = EmitSearch(tree, search, middle, end);
        return node;
    }

    private double Cover(Search search, int from, int to)
    {
        var intervals = search.Intervals.All;
        var (left, right) = (intervals.Count(i => i.Left), intervals.Count(i => !i.Left));
        var cover = 0.0;
        for (var i = from; i < to; i++)
        {
            cover += intervals[i].Left ? _tree.Count(search.Split.Left) / left : _tree.Count(search.Split.Right) / right;
        }
        return cover * search.Share;
    }

    private long Reserve(int tree, double cover, string mode)
    {
        if (Count >= MostNodes)
        {
            throw new InvalidDataException(
                $"the trees need more than {MostNodes:N0} nodes because of categorical splits; allow fewer categories per split or "
                + "fewer leaves, or make the features numeric");
        }
        var node = Count - _treeStart;
        _treeIds.Add(tree);
        _nodeIds.Add(node);
        _covers.Add((float)cover);
        _modes.Add(mode);
        _features.Add(0);
        _values.Add(0);
        _missingTrue.Add(0);
        _whenTrue.Add(0);
        _whenFalse.Add(0);
        return node;
    }

    private readonly record struct Search(LightGbmSplit Split, SplitIntervals Intervals, double Share);
}
