using FraudScoring.Onnx;
using FraudScoring.Training.Learners;

namespace FraudScoring.Training.Export;

/// <summary>
/// LightGBM's trees as the attributes of ai.onnx.ml 3 TreeEnsembleRegressor, in BRANCH_LEQ nodes alone: every split sends intervals of
/// its feature left or right (see <see cref="SplitIntervals"/>), and more than two intervals become a small search tree over copies of
/// the two sides. <c>nodes_hitrates</c> is the cover: training rows per node; copies share their side's rows evenly, so
/// path-dependent explanations of the copies add up to those of the original.
/// </summary>
internal sealed class TreeEnsembleNodes
{
    // Copies multiply where categorical splits lie below each other.
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

    /// <summary>Nodes of all trees, leaves included.</summary>
    public int Count => _nodeIds.Count;

    /// <exception cref="InvalidDataException">There are no trees, or categorical splits make too many nodes.</exception>
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

    /// <summary>The node: its output is float [rows, 1], the margin in log-odds.</summary>
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

    /// <summary>Emits the intervals from <paramref name="from"/> up to <paramref name="to"/> (null for all).</summary>
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
                $"the trees need more than {MostNodes:N0} nodes because of categorical splits: allow fewer categories in a split, "
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
