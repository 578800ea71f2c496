namespace FraudScoring.Inference.Attribution;

/// <summary>Reads the nodes of an ONNX tree ensemble, and checks that they form trees.</summary>
internal sealed class TreeNodes
{
    private const int None = -1;
    private const string Leaf = "LEAF";

    private static readonly Dictionary<string, BranchMode> Modes = new()
    {
        ["BRANCH_LEQ"] = BranchMode.LessOrEqual,
        ["BRANCH_LT"] = BranchMode.Less,
        ["BRANCH_GTE"] = BranchMode.GreaterOrEqual,
        ["BRANCH_GT"] = BranchMode.Greater,
        ["BRANCH_EQ"] = BranchMode.Equal,
        ["BRANCH_NEQ"] = BranchMode.NotEqual,
    };

    private readonly NodeAttributes _attributes;
    private readonly long[] _trees;
    private readonly long[] _nodes;
    private readonly long[] _features;
    private readonly long[] _trueNodes;
    private readonly long[] _falseNodes;
    private readonly long[] _missing;
    private readonly float[] _values;
    private readonly float[] _hitRates;
    private readonly string[] _modes;
    private readonly Dictionary<(long Tree, long Node), int> _index;

    public TreeNodes(NodeAttributes attributes)
    {
        _attributes = attributes;
        _trees = attributes.Integers("nodes_treeids");
        _nodes = attributes.Integers("nodes_nodeids");
        _features = attributes.Integers("nodes_featureids");
        _trueNodes = attributes.Integers("nodes_truenodeids");
        _falseNodes = attributes.Integers("nodes_falsenodeids");
        _missing = attributes.Integers("nodes_missing_value_tracks_true");
        _values = attributes.Floats("nodes_values");
        _hitRates = attributes.Floats("nodes_hitrates");
        _modes = attributes.Strings("nodes_modes");
        _index = new(_trees.Length);
        CheckLengths();
    }

    /// <summary>The hit rates; null if the node has none.</summary>
    public double[]? Cover => _hitRates.Length == 0 ? null : [.. _hitRates.Select(rate => (double)rate)];

    public DecisionTrees Build(LeafMargin margin)
    {
        for (var i = 0; i < _trees.Length; i++)
        {
            if (!_index.TryAdd((_trees[i], _nodes[i]), i))
            {
                _attributes.Report($"nodes_nodeids[{i}]", $"tree {_trees[i]} has node {_nodes[i]} twice.");
            }
        }
        var isLeaf = Array.ConvertAll(_modes, mode => mode == Leaf);
        var trueChild = Children("nodes_truenodeids", _trueNodes, isLeaf);
        var falseChild = Children("nodes_falsenodeids", _falseNodes, isLeaf);
        var modes = Array.ConvertAll(_modes, mode => Modes.GetValueOrDefault(mode));
        CheckSplits(isLeaf);
        return new DecisionTrees
        {
            Roots = Roots(trueChild, falseChild),
            Feature = [.. _features.Select((feature, i) => isLeaf[i] ? 0 : (int)feature)],
            Threshold = [.. _values.Select((value, i) => isLeaf[i] ? 0 : value)],
            Mode = modes,
            // The runtime compares NaN like any number, so it differs from every threshold.
            MissingTracksTrue = [.. modes.Select((mode, i) => mode == BranchMode.NotEqual || (_missing.Length > 0 && _missing[i] != 0))],
            TrueChild = trueChild,
            FalseChild = falseChild,
            Value = [.. isLeaf.Select((leaf, i) => leaf ? margin.Values.GetValueOrDefault((_trees[i], _nodes[i])) : 0)],
            Offset = margin.Offset,
        };
    }

    private void CheckLengths()
    {
        void Check(string name, int length, bool optional = false)
        {
            if (length != _trees.Length && !(optional && length == 0))
            {
                _attributes.Report(name, $"has {length} entries for {_trees.Length} nodes; one per node is required.");
            }
        }
        if (_trees.Length == 0)
        {
            _attributes.Report("nodes_treeids", "is empty; a tree has at least one node.");
        }
        Check("nodes_nodeids", _nodes.Length);
        Check("nodes_featureids", _features.Length);
        Check("nodes_truenodeids", _trueNodes.Length);
        Check("nodes_falsenodeids", _falseNodes.Length);
        Check("nodes_values", _values.Length);
        Check("nodes_modes", _modes.Length);
        Check("nodes_missing_value_tracks_true", _missing.Length, optional: true);
        Check("nodes_hitrates", _hitRates.Length, optional: true);
    }

    private void CheckSplits(bool[] isLeaf)
    {
        for (var i = 0; i < isLeaf.Length; i++)
        {
            if (isLeaf[i])
            {
                continue;
            }
            if (!Modes.ContainsKey(_modes[i]))
            {
                _attributes.Report($"nodes_modes[{i}]", $"{_modes[i]} is not supported; LEAF, {string.Join(", ", Modes.Keys)} are.");
            }
            if (_features[i] is < 0 or > short.MaxValue)
            {
                _attributes.Report($"nodes_featureids[{i}]", $"must be from 0 to {short.MaxValue}.");
            }
            if (float.IsNaN(_values[i]))
            {
                _attributes.Report($"nodes_values[{i}]", "a threshold must be a number.");
            }
        }
    }

    private int[] Children(string attribute, long[] children, bool[] isLeaf)
    {
        var found = new int[children.Length];
        for (var i = 0; i < children.Length; i++)
        {
            found[i] = isLeaf[i] ? None : _index.GetValueOrDefault((_trees[i], children[i]), None);
            if (found[i] == None && !isLeaf[i])
            {
                _attributes.Report($"{attribute}[{i}]", $"tree {_trees[i]} has no node {children[i]}.");
            }
        }
        return found;
    }

    /// <summary>
    /// The root of each tree: the node without a parent. Every other node must have one parent and be reachable from the root.
    /// </summary>
    private int[] Roots(int[] trueChild, int[] falseChild)
    {
        var parents = new int[_trees.Length];
        foreach (var child in trueChild.Concat(falseChild).Where(child => child != None))
        {
            parents[child]++;
        }
        var roots = Enumerable.Range(0, _trees.Length).Where(i => parents[i] == 0).ToArray();
        var reached = 0;
        var pending = new Stack<int>(roots);
        // Only a node with two parents is reached twice; below it, a cycle would be walked for ever. The bound ends both.
        while (reached <= _trees.Length && pending.TryPop(out var node))
        {
            reached++;
            if (trueChild[node] != None && falseChild[node] != None)
            {
                pending.Push(trueChild[node]);
                pending.Push(falseChild[node]);
            }
        }
        if (parents.Any(count => count > 1) || reached != _trees.Length || roots.Length != _trees.Distinct().Count())
        {
            _attributes.Report("nodes_treeids", "every tree needs one root, and every other node exactly one parent.");
        }
        return roots;
    }
}
