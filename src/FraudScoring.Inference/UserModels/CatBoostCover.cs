using System.Text.Json;
using FraudScoring.Inference.Attribution;

namespace FraudScoring.Inference.UserModels;

/// <summary>
/// Reads the cover of CatBoost's trees from its JSON model. There, all splits of a level are the same: bit i of a leaf's number says
/// whether split i holds, and <c>leaf_weights</c> has the training rows per leaf. In ONNX the same tree is written node by node.
/// </summary>
internal static class CatBoostCover
{
    /// <summary>The JSON property with the trees.</summary>
    public const string Trees = "oblivious_trees";

    private const int MostSplits = 20;

    /// <summary>Reads the cover of every node.</summary>
    /// <exception cref="FormatException">The JSON model has other trees.</exception>
    public static double[] Parse(DecisionTrees trees, JsonElement model)
    {
        var saved = model.GetProperty(Trees);
        if (saved.GetArrayLength() != trees.Roots.Length)
        {
            throw new FormatException(FormattableString.Invariant(
                $"it has {saved.GetArrayLength()} trees, but the graph has {trees.Roots.Length}"));
        }
        var columns = Columns(model);
        var cover = new double[trees.NodeCount];
        foreach (var (index, tree) in saved.EnumerateArray().Index())
        {
            var weights = tree.GetProperty("leaf_weights").EnumerateArray().Select(weight => weight.GetDouble()).ToArray();
            var splits = tree.GetProperty("splits").EnumerateArray().Select(split => Split(split, columns)).ToArray();
            if (splits.Length > MostSplits || weights.Length != 1 << splits.Length)
            {
                throw new FormatException(FormattableString.Invariant(
                    $"tree {index} has {weights.Length} leaf_weights for {splits.Length} splits"));
            }
            Visit(trees, trees.Roots[index], new LeafPlace(splits, weights), cover);
        }
        return cover;
    }

    /// <summary>For each float feature of CatBoost, its column in a row; null if the model does not say.</summary>
    private static int[]? Columns(JsonElement model) =>
        model.TryGetProperty("features_info", out var about) && about.TryGetProperty("float_features", out var features)
            ? [.. features.EnumerateArray().Select(feature => feature.GetProperty("flat_feature_index").GetInt32())] : null;

    private static (int Feature, float Border) Split(JsonElement split, int[]? columns)
    {
        if (split.TryGetProperty("split_type", out var type) && type.GetString() is not "FloatFeature")
        {
            throw new FormatException($"it has a split of type {type.GetString()}; only splits of numbers (FloatFeature) are supported");
        }
        var feature = split.GetProperty("float_feature_index").GetInt32();
        return (columns is null ? feature : columns[feature], split.GetProperty("border").GetSingle());
    }

    private static double Visit(DecisionTrees trees, int node, LeafPlace place, double[] cover)
    {
        if (trees.IsLeaf(node))
        {
            return cover[node] = place.Weight;
        }
        var split = place.Find(trees.Feature[node], trees.Threshold[node]);
        var holds = trees.Mode[node] switch
        {
            BranchMode.Greater or BranchMode.GreaterOrEqual => true,
            BranchMode.Less or BranchMode.LessOrEqual => false,
            _ => throw new FormatException("the graph has a split that does not compare with a border"),
        };
        return cover[node] = Visit(trees, trees.TrueChild[node], place.Beyond(split, holds), cover)
            + Visit(trees, trees.FalseChild[node], place.Beyond(split, !holds), cover);
    }

    /// <summary>Position in the walk: the splits that were passed, and the bits that follow from them.</summary>
    private readonly record struct LeafPlace((int Feature, float Border)[] Splits, double[] Weights, int Passed = 0, int Bits = 0)
    {
        public double Weight => Passed == (1 << Splits.Length) - 1 ? Weights[Bits] : throw Other();

        public int Find(int feature, float border)
        {
            for (var i = 0; i < Splits.Length; i++)
            {
                if ((Passed >> i & 1) == 0 && Splits[i] == (feature, border))
                {
                    return i;
                }
            }
            throw Other();
        }

        public LeafPlace Beyond(int split, bool holds) =>
            this with { Passed = Passed | 1 << split, Bits = holds ? Bits | 1 << split : Bits };

        private static FormatException Other() => new("its splits differ from the graph's");
    }
}
