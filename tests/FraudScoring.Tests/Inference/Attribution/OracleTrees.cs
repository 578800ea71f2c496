using System.Globalization;
using System.Text.Json;
using FraudScoring.Inference.Attribution;
using FraudScoring.Onnx;

namespace FraudScoring.Tests.Inference.Attribution;

/// <summary>A model from a trainer and its public converter, with rows and the trainer's results.</summary>
internal sealed class OracleTrees
{
    private readonly string _folder;

    public OracleTrees(string kind)
    {
        _folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Oracles", "trees", kind);
        Trees = TreeEnsembleReader.Parse(ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(_folder, "model.onnx"))));
        Rows = [.. Lines("rows.csv").Select(line => Array.ConvertAll(line, cell => (float)Number(cell)))];
        Expected = [.. Lines("expected.csv").Select(line => Array.ConvertAll(line, Number))];
    }

    public DecisionTrees Trees { get; }

    public float[][] Rows { get; }

    /// <summary>Per row: margin, probability, base value, contributions.</summary>
    public double[][] Expected { get; }

    /// <summary>The cover from LightGBM's text model: internal_count and leaf_count, with children as in the ONNX tree.</summary>
    public double[] CoverFromText()
    {
        var blocks = File.ReadAllText(Path.Combine(_folder, "model.txt")).Split("\nTree=")[1..];
        var cover = new double[Trees.NodeCount];
        for (var tree = 0; tree < Trees.Roots.Length; tree++)
        {
            var fields = blocks[tree].Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
                .ToDictionary(pair => pair[0], pair => pair[1]);
            int[] Numbers(string name) => Array.ConvertAll(fields[name].Split(' '), text => int.Parse(text, CultureInfo.InvariantCulture));
            var (inner, leaves) = (Numbers("internal_count"), Numbers("leaf_count"));
            Walk(Trees.Roots[tree], 0, node => node < 0 ? leaves[~node] : inner[node], Numbers("left_child"), Numbers("right_child"),
                cover);
        }
        return cover;
    }

    /// <summary>The cover from XGBoost's JSON model: sum_hessian.</summary>
    public double[] CoverFromJson()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "model.json")));
        var model = document.RootElement.GetProperty("learner").GetProperty("gradient_booster").GetProperty("model");
        var cover = new double[Trees.NodeCount];
        foreach (var (index, tree) in model.GetProperty("trees").EnumerateArray().Index())
        {
            double[] Numbers(string name) => [.. tree.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];
            var hessian = Numbers("sum_hessian");
            int[] Children(string name) => Array.ConvertAll(Numbers(name), child => (int)child);
            Walk(Trees.Roots[index], 0, node => hessian[node], Children("left_children"), Children("right_children"), cover);
        }
        return cover;
    }

    private void Walk(int node, int source, Func<int, double> count, int[] left, int[] right, double[] cover)
    {
        cover[node] = count(source);
        if (!Trees.IsLeaf(node))
        {
            Walk(Trees.TrueChild[node], left[source], count, left, right, cover);
            Walk(Trees.FalseChild[node], right[source], count, left, right, cover);
        }
    }

    private static double Number(string cell) => cell.Length == 0 ? double.NaN : double.Parse(cell, CultureInfo.InvariantCulture);

    private IEnumerable<string[]> Lines(string file) => File.ReadLines(Path.Combine(_folder, file)).Skip(1).Select(line => line.Split(','));
}
