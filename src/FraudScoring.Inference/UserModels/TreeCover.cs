using System.Globalization;
using System.Text.Json;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Attribution;

namespace FraudScoring.Inference.UserModels;

/// <summary>
/// Reads how many training rows passed each node of a model's trees. Exact explanations need it, but the public converters to ONNX leave it
/// out. It comes from a file that the trainer saved, or is counted over rows.
/// </summary>
/// <remarks>
/// The file is next to the graph: <see cref="LightGbm"/> (Booster.save_model), <see cref="Json"/> (save_model of XGBoost or CatBoost, to
/// JSON), <see cref="Counts"/> (for scikit-learn's forests: per tree, the list of its weighted_n_node_samples), or <see cref="Rows"/>: a
/// header, then rows of numbers like those that the model was trained on, with nothing for a missing one. With rows, contributions say how
/// a row differs from those rows.
/// </remarks>
internal static class TreeCover
{
    /// <summary>LightGBM's text model.</summary>
    public const string LightGbm = "model.txt";

    /// <summary>XGBoost's or CatBoost's JSON model.</summary>
    public const string Json = "model.json";

    /// <summary>The cover itself: per tree, a list with one number per node, in the graph's order.</summary>
    public const string Counts = "cover.json";

    /// <summary>Rows to count over.</summary>
    public const string Rows = "background.csv";

    private static readonly string[] Names = [LightGbm, Json, Counts, Rows];

    /// <summary>Finds the file in a model's folder; null if there is none.</summary>
    public static string? Find(string folder, ServingManifest manifest) =>
        (manifest.Cover is null ? Names : [manifest.Cover]).Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Returns the same trees with their cover.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="features">Number of columns of a row.</param>
    /// <param name="path">The file.</param>
    /// <param name="faults">Receives what is wrong with the file.</param>
    public static DecisionTrees? Parse(DecisionTrees trees, int features, string path, Faults faults)
    {
        try
        {
            return Path.GetExtension(path).ToLowerInvariant() switch
            {
                ".csv" => trees.WithCover(ReadRows(path, features), features),
                ".json" => trees.WithCover(OfJson(trees, path)),
                _ => trees.WithCover(OfLightGbm(trees, path)),
            };
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException or JsonException or KeyNotFoundException
            or InvalidOperationException or IndexOutOfRangeException or IOException)
        {
            faults.Add(path,
                $"does not fit the model's trees ({e.Message}); save it from the same model that was exported to ONNX");
            return null;
        }
    }

    private static float[] ReadRows(string path, int features)
    {
        var values = new List<float>();
        foreach (var (number, line) in File.ReadLines(path).Skip(1).Where(line => line.Length > 0).Index())
        {
            var cells = line.Split(',');
            if (cells.Length != features)
            {
                throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                    $"row {number + 1} has {cells.Length} values; the model has {features} features"));
            }
            values.AddRange(cells.Select(cell => cell.Length == 0 ? float.NaN : float.Parse(cell, CultureInfo.InvariantCulture)));
        }
        return [.. values];
    }

    private static double[] OfLightGbm(DecisionTrees trees, string path)
    {
        var blocks = File.ReadAllText(path).Split("\nTree=")[1..];
        var walk = new Walk(trees, blocks.Length);
        for (var tree = 0; tree < blocks.Length; tree++)
        {
            var fields = blocks[tree].Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
                .DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1].TrimEnd('\r'));
            int[] Numbers(string name) => fields.GetValueOrDefault(name, "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray();
            var (inner, leaves, split) = (Numbers("internal_count"), Numbers("leaf_count"), Numbers("split_feature"));
            // LightGBM stores a leaf among the children as the bitwise complement of its number.
            walk.Tree(tree, split.Length == 0 ? ~0 : 0, new Source(
                node => node < 0 ? leaves.Length == 0 ? 1 : leaves[~node] : inner[node], node => node < 0 ? null : split[node],
                Numbers("left_child"), Numbers("right_child")));
        }
        return walk.Cover;
    }

    private static double[] OfJson(DecisionTrees trees, string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var root = document.RootElement;
        return root.ValueKind == JsonValueKind.Array ? OfCounts(trees, root)
            : root.TryGetProperty(CatBoostCover.Trees, out _) ? CatBoostCover.Parse(trees, root)
            : OfXgBoost(trees, root);
    }

    private static double[] OfCounts(DecisionTrees trees, JsonElement root)
    {
        var counts = root.EnumerateArray().Select(tree => tree.EnumerateArray().Select(node => node.GetDouble()).ToArray()).ToList();
        // Only if the converter kept scikit-learn's numbering: nodes tree by tree, each root first.
        var starts = counts.Select((_, tree) => counts.Take(tree).Sum(nodes => nodes.Length));
        return trees.Roots.SequenceEqual(starts) ? [.. counts.SelectMany(nodes => nodes)]
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"it has {counts.Sum(nodes => nodes.Length)} nodes in {counts.Count} trees, "
                    + $"but the graph has {trees.NodeCount} in {trees.Roots.Length}"));
    }

    private static double[] OfXgBoost(DecisionTrees trees, JsonElement root)
    {
        var saved = root.GetProperty("learner").GetProperty("gradient_booster").GetProperty("model").GetProperty("trees");
        var walk = new Walk(trees, saved.GetArrayLength());
        foreach (var (index, tree) in saved.EnumerateArray().Index())
        {
            double[] Numbers(string name) => [.. tree.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];
            int[] Whole(string name) => Array.ConvertAll(Numbers(name), number => (int)number);
            var (hessian, split, left) = (Numbers("sum_hessian"), Whole("split_indices"), Whole("left_children"));
            walk.Tree(index, 0, new Source(
                node => hessian[node], node => left[node] < 0 ? null : split[node], left, Whole("right_children")));
        }
        return walk.Cover;
    }

    /// <summary>A tree as saved by its trainer.</summary>
    private sealed record Source(Func<int, double> Count, Func<int, int?> Feature, int[] Left, int[] Right);

    /// <summary>Walks a tree of the graph and the trainer's own tree together. Converters keep the order of children.</summary>
    private sealed class Walk(DecisionTrees trees, int sources)
    {
        public double[] Cover { get; } = sources == trees.Roots.Length ? new double[trees.NodeCount]
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"it has {sources} trees, but the graph has {trees.Roots.Length}"));

        public void Tree(int tree, int source, Source saved) => Visit(trees.Roots[tree], source, saved, 0);

        private void Visit(int node, int source, Source saved, int depth)
        {
            Cover[node] = saved.Count(source);
            if (trees.IsLeaf(node) != (saved.Feature(source) is null)
                || (!trees.IsLeaf(node) && saved.Feature(source) != trees.Feature[node]) || depth > 1000)
            {
                throw new FormatException("its splits differ from the graph's");
            }
            if (!trees.IsLeaf(node))
            {
                Visit(trees.TrueChild[node], saved.Left[source], saved, depth + 1);
                Visit(trees.FalseChild[node], saved.Right[source], saved, depth + 1);
            }
        }
    }
}
