using FraudScoring.Inference.Attribution;

namespace FraudScoring.Tests.Training.Export;

/// <summary>One tree of an ensemble, reduced to the features it reads.</summary>
/// <param name="Trees">The tree, with its features renumbered from 0.</param>
/// <param name="Features">The original numbers of the features, in the new order.</param>
internal sealed record SmallTree(DecisionTrees Trees, int[] Features)
{
    public static SmallTree Extract(DecisionTrees trees, int root)
    {
        var nodes = new List<int> { root };
        for (var i = 0; i < nodes.Count; i++)
        {
            if (!trees.IsLeaf(nodes[i]))
            {
                nodes.AddRange([trees.TrueChild[nodes[i]], trees.FalseChild[nodes[i]]]);
            }
        }
        int[] features = [.. nodes.Where(node => !trees.IsLeaf(node)).Select(node => trees.Feature[node]).Distinct().Order()];
        int Child(int node) => node < 0 ? -1 : nodes.IndexOf(node);
        return new SmallTree(new DecisionTrees
        {
            Roots = [0],
            Feature = [.. nodes.Select(node => trees.IsLeaf(node) ? 0 : Array.IndexOf(features, trees.Feature[node]))],
            Threshold = [.. nodes.Select(node => trees.Threshold[node])],
            Mode = [.. nodes.Select(node => trees.Mode[node])],
            MissingTracksTrue = [.. nodes.Select(node => trees.MissingTracksTrue[node])],
            TrueChild = [.. nodes.Select(node => Child(trees.TrueChild[node]))],
            FalseChild = [.. nodes.Select(node => Child(trees.FalseChild[node]))],
            Value = [.. nodes.Select(node => trees.Value[node])],
        }.WithCover([.. nodes.Select(node => trees.Cover![node])]), features);
    }

    /// <summary>A row of the tree's own features.</summary>
    public float[] Pick(float[] row) => Array.ConvertAll(Features, feature => row[feature]);
}
