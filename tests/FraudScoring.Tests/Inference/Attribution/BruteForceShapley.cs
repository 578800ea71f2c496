using System.Numerics;
using FraudScoring.Inference.Attribution;

namespace FraudScoring.Tests.Inference.Attribution;

/// <summary>
/// Shapley values by definition, over every subset of the features. Unknown features are averaged by cover along each path.
/// </summary>
internal static class BruteForceShapley
{
    public static double[] Contributions(DecisionTrees trees, float[] row)
    {
        var features = row.Length;
        var value = Enumerable.Range(0, 1 << features).Select(known => trees.Roots.Sum(root => Mean(trees, root, row, known))).ToArray();
        var contributions = new double[features];
        for (var known = 0; known < value.Length; known++)
        {
            var size = BitOperations.PopCount((uint)known);
            for (var i = 0; i < features; i++)
            {
                if ((known & (1 << i)) == 0)
                {
                    contributions[i] += Weight(features, size) * (value[known | (1 << i)] - value[known]);
                }
            }
        }
        return contributions;
    }

    private static double Mean(DecisionTrees trees, int node, float[] row, int known)
    {
        if (trees.IsLeaf(node))
        {
            return trees.Value[node];
        }
        var feature = trees.Feature[node];
        if ((known & (1 << feature)) != 0)
        {
            return Mean(trees, trees.Child(node, row[feature]), row, known);
        }
        var (left, right) = (trees.TrueChild[node], trees.FalseChild[node]);
        var both = trees.Cover![left] + trees.Cover[right];
        var share = both > 0 ? trees.Cover[left] / both : 0.5;
        return (share * Mean(trees, left, row, known)) + ((1 - share) * Mean(trees, right, row, known));
    }

    /// <summary>size! (n - size - 1)! / n!</summary>
    private static double Weight(int features, int size)
    {
        var weight = 1.0 / features;
        for (var i = 1; i <= size; i++)
        {
            weight *= (double)i / (features - i);
        }
        return weight;
    }
}
