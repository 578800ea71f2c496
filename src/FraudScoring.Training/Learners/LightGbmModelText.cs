using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Learners;

/// <summary>
/// Reads LightGBM's text format (version v4): a header of key=value lines, then one block per tree. The leaf values already include
/// shrinkage. Binary classification only.
/// </summary>
internal static class LightGbmModelText
{
    private const int CategoricalBit = 1;
    private const int DefaultLeftBit = 2;
    private const int MissingShift = 2;

    /// <exception cref="InvalidDataException">
    /// Not such a model, or one that uses unsupported features; the message names all of them.
    /// </exception>
    public static LightGbmModel Parse(string text)
    {
        var blocks = Blocks(text).ToList();
        if (blocks.Count == 0 || !blocks[0].Has("tree"))
        {
            throw new InvalidDataException("not a LightGBM model: the first line must be 'tree'");
        }
        var header = blocks[0];
        var faults = new Faults();
        CheckHeader(header, faults);
        foreach (var tree in blocks.Skip(1))
        {
            CheckTree(tree, faults);
        }
        if (faults.Count > 0)
        {
            throw new InvalidDataException($"this LightGBM model cannot be exported: {faults}");
        }
        var names = header.Texts("feature_names");
        var trees = blocks.Skip(1).Select(block => Tree(block, names.Length)).ToList();
        return new LightGbmModel(names, Sigmoid(header), trees);
    }

    private static IEnumerable<LightGbmBlock> Blocks(string text)
    {
        var block = new LightGbmBlock("header");
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("Tree=", StringComparison.Ordinal))
            {
                yield return block;
                block = new LightGbmBlock(line);
            }
            else if (line == "end of trees")
            {
                break;
            }
            else
            {
                block.Add(line);
            }
        }
        yield return block;
    }

    private static void CheckHeader(LightGbmBlock header, Faults faults)
    {
        foreach (var key in new[] { "num_class", "num_tree_per_iteration" })
        {
            if (header.Text(key) != "1")
            {
                faults.Add(key, "must be 1; several classes are not supported: train one fraud-or-not model");
            }
        }
        if (!header.Text("objective").StartsWith("binary", StringComparison.Ordinal))
        {
            faults.Add("objective", "must be 'binary': train with objective=binary");
        }
        if (header.Has("average_output"))
        {
            faults.Add("average_output", "averaged trees (random forest mode) are not supported: train with boosting=gbdt");
        }
        if (header.Text("feature_names").Length == 0)
        {
            faults.Add("feature_names", "is missing");
        }
    }

    private static void CheckTree(LightGbmBlock tree, Faults faults)
    {
        if (tree.Text("is_linear") == "1")
        {
            faults.Add(tree.Name, "linear trees are not supported: train with linear_tree=false");
        }
    }

    private static double Sigmoid(LightGbmBlock header)
    {
        var option = header.Texts("objective").FirstOrDefault(o => o.StartsWith("sigmoid:", StringComparison.Ordinal));
        return option is null ? 1 : double.Parse(option.AsSpan("sigmoid:".Length), NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    private static LightGbmTree Tree(LightGbmBlock block, int features)
    {
        var leaves = block.Whole("num_leaves");
        // A tree with a single leaf has no splits and, in some versions, no leaf_count.
        var counts = block.Has("leaf_count") ? block.Numbers("leaf_count", leaves) : Enumerable.Repeat(1d, leaves).ToArray();
        var splits = leaves > 1 ? Splits(block, leaves, features) : [];
        return new LightGbmTree(splits, block.Numbers("leaf_value", leaves), counts);
    }

    private static LightGbmSplit[] Splits(LightGbmBlock block, int leaves, int features)
    {
        var count = leaves - 1;
        var feature = block.Wholes("split_feature", count);
        var threshold = block.Numbers("threshold", count);
        var kind = block.Wholes("decision_type", count);
        var (left, right) = (block.Wholes("left_child", count), block.Wholes("right_child", count));
        var rows = block.Numbers("internal_count", count);
        var splits = new LightGbmSplit[count];
        for (var i = 0; i < count; i++)
        {
            // Requires children to have larger indices than their parent, so that every walk ends.
            if (feature[i] < 0 || feature[i] >= features || !IsChild(left[i], i, leaves) || !IsChild(right[i], i, leaves))
            {
                throw new InvalidDataException($"{block.Name}: split {i} names a feature or child that does not exist");
            }
            var categories = (kind[i] & CategoricalBit) != 0 ? Categories(block, (int)threshold[i]) : null;
            var missing = (MissingKind)((kind[i] >> MissingShift) & 3);
            splits[i] = new LightGbmSplit(
                feature[i], threshold[i], categories, missing, (kind[i] & DefaultLeftBit) != 0, left[i], right[i], rows[i]);
        }
        return splits;
    }

    private static bool IsChild(int child, int parent, int leaves) =>
        child < 0 ? ~child < leaves : child > parent && child < leaves - 1;

    private static List<int> Categories(LightGbmBlock block, int set)
    {
        var bounds = block.Wholes("cat_boundaries", block.Whole("num_cat") + 1);
        if (set < 0 || set >= bounds.Length - 1)
        {
            throw new InvalidDataException($"{block.Name}: category set {set} does not exist");
        }
        var words = block.Words("cat_threshold", bounds[^1]);
        var categories = new List<int>();
        for (var bit = 0; bit < (bounds[set + 1] - bounds[set]) * 32; bit++)
        {
            if ((words[bounds[set] + bit / 32] >> (bit % 32) & 1) != 0)
            {
                categories.Add(bit);
            }
        }
        return categories;
    }
}
