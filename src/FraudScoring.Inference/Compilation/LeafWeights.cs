using FraudScoring.Inference.Attribution;

namespace FraudScoring.Inference.Compilation;

/// <summary>The weights in the leaves of a tree ensemble, for one or several targets or classes.</summary>
internal sealed class LeafWeights
{
    private LeafWeights(int targets, int nodes) =>
        (Targets, Values, IsGiven) = (targets, new float[nodes * targets], new bool[nodes * targets]);

    /// <summary>Number of weights per leaf.</summary>
    public int Targets { get; }

    /// <summary>[nodes × targets], 0 where the ensemble gives no weight.</summary>
    public float[] Values { get; }

    /// <summary>[nodes × targets]: true where the ensemble gives a weight, even 0.</summary>
    public bool[] IsGiven { get; }

    /// <summary>True where no weight is negative.</summary>
    public bool ArePositive { get; private set; }

    /// <summary>Reads the weights. If the leaves of a classifier have weights for one of two classes, only that class is read.</summary>
    /// <param name="attributes">The node's attributes, to which faults are reported.</param>
    /// <param name="kind">"target" or "class".</param>
    /// <param name="targets">Number of targets or classes.</param>
    public static LeafWeights? Create(NodeAttributes attributes, string kind, int targets)
    {
        var (trees, nodes) = (attributes.Integers($"{kind}_treeids"), attributes.Integers($"{kind}_nodeids"));
        var (ids, weights) = (attributes.Integers($"{kind}_ids"), attributes.Floats($"{kind}_weights"));
        if (trees.Length == 0 || nodes.Length != trees.Length || ids.Length != trees.Length || weights.Length != trees.Length)
        {
            attributes.Report(
                $"{kind}_weights", $"{kind}_treeids, {kind}_nodeids, {kind}_ids and {kind}_weights must have one entry per leaf.");
            return null;
        }
        if (ids.Any(id => id < 0 || id >= targets))
        {
            attributes.Report($"{kind}_ids", $"must be from 0 to {targets - 1}.");
            return null;
        }
        var isSingle = targets == 2 && kind == "class" && ids.Distinct().Count() == 1;
        var places = attributes.Integers("nodes_treeids").Zip(attributes.Integers("nodes_nodeids")).Index()
            .DistinctBy(place => place.Item).ToDictionary(place => place.Item, place => place.Index);
        var read = new LeafWeights(isSingle ? 1 : targets, attributes.Integers("nodes_treeids").Length)
        {
            ArePositive = weights.All(w => w >= 0),
        };
        for (var i = 0; i < trees.Length; i++)
        {
            if (!places.TryGetValue((trees[i], nodes[i]), out var node))
            {
                attributes.Report($"{kind}_nodeids[{i}]", $"tree {trees[i]} has no node {nodes[i]}.");
                return null;
            }
            var at = (node * read.Targets) + (isSingle ? 0 : (int)ids[i]);
            read.Values[at] += weights[i];
            read.IsGiven[at] = true;
        }
        return read;
    }

    /// <summary>True if every row gets a weight for the target: some tree has one in each of its leaves.</summary>
    public bool AlwaysSays(DecisionTrees trees, int target)
    {
        var speaks = new bool[trees.NodeCount];
        var order = new Stack<int>(trees.Roots);
        var found = new List<int>();
        while (order.TryPop(out var node))
        {
            found.Add(node);
            if (!trees.IsLeaf(node))
            {
                order.Push(trees.TrueChild[node]);
                order.Push(trees.FalseChild[node]);
            }
        }
        for (var i = found.Count - 1; i >= 0; i--)
        {
            var node = found[i];
            speaks[node] = trees.IsLeaf(node)
                ? IsGiven[(node * Targets) + target]
                : speaks[trees.TrueChild[node]] && speaks[trees.FalseChild[node]];
        }
        return trees.Roots.Any(root => speaks[root]);
    }

    /// <summary>True if every leaf has a weight for every target.</summary>
    public bool AreComplete(DecisionTrees trees) =>
        Enumerable.Range(0, trees.NodeCount).Where(trees.IsLeaf).All(node => !IsGiven.AsSpan(node * Targets, Targets).Contains(false));
}
