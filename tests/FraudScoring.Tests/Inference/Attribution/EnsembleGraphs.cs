using FraudScoring.Inference.Attribution;
using FraudScoring.Inference.Contracts;
using FraudScoring.Onnx;
using Google.Protobuf;
using AttributeType = FraudScoring.Onnx.AttributeProto.Types.AttributeType;

namespace FraudScoring.Tests.Inference.Attribution;

/// <summary>Ensembles as ONNX graphs, with the nodes that an explainer reads.</summary>
internal static class EnsembleGraphs
{
    /// <summary>An ensemble of the given members, in stacker order, with random weights.</summary>
    public static ModelProto Create(DecisionTrees? trees, bool linear, int features, int seed, bool linearFirst = false) =>
        Create(trees is null ? [] : new() { [EnsembleGraph.Trees] = trees }, linear, features, seed, linearFirst);

    /// <summary>An ensemble with several tree members, by name.</summary>
    public static ModelProto Create(Dictionary<string, DecisionTrees> trees, bool linear, int features, int seed, bool linearFirst = false)
    {
        var random = new Random(seed);
        var graph = new GraphProto();
        var members = new List<string>();
        foreach (var (name, member) in trees)
        {
            graph.Node.Add(TreeNode(member, name));
            members.Add($"{name}.margin");
        }
        if (linear)
        {
            graph.Node.Add(Node("MatMul", "linear.product", "linear.z", EnsembleGraph.LinearWeights));
            graph.Node.Add(Node("Add", "linear.margin", "linear.product", EnsembleGraph.LinearBias));
            Add(graph, EnsembleGraph.LinearMean, Floats(random, features));
            Add(graph, EnsembleGraph.LinearScale, [.. Floats(random, features).Select(scale => 1 + Math.Abs(scale))]);
            Add(graph, EnsembleGraph.LinearWeights, Floats(random, features));
            Add(graph, EnsembleGraph.LinearClip, [1.5f]);
            Add(graph, EnsembleGraph.LinearBias, [0.5f]);
            members.Insert(linearFirst ? 0 : members.Count, "linear.margin");
        }
        graph.Node.Add(Node(members.Count == 1 ? "Identity" : "Concat", EnsembleGraph.MemberMargins, [.. members]));
        Add(graph, EnsembleGraph.StackerWeights, Floats(random, members.Count));
        Add(graph, EnsembleGraph.StackerBias, [-2]);
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "rows" });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = features });
        var type = new TypeProto { TensorType = new TypeProto.Types.Tensor { Shape = shape } };
        graph.Input.Add(new ValueInfoProto { Name = EnsembleGraph.Features, Type = type });
        return new ModelProto { Graph = graph };
    }

    /// <summary>The values of an initializer.</summary>
    public static float[] Values(ModelProto model, string name) =>
        [.. model.Graph.Initializer.Single(tensor => tensor.Name == name).FloatData];

    /// <summary>The trees as a TreeEnsembleRegressor node.</summary>
    public static NodeProto TreeNode(DecisionTrees trees, string member = EnsembleGraph.Trees)
    {
        var all = Enumerable.Range(0, trees.NodeCount).ToArray();
        var tree = Array.ConvertAll(all, node => (long)Array.FindLastIndex(trees.Roots, root => root <= node));
        var leaves = all.Where(trees.IsLeaf).ToArray();
        var modes = new[] { "BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ" };
        var node = Node("TreeEnsembleRegressor", $"{member}.margin", EnsembleGraph.Features);
        node.Name = member;
        node.Attribute.AddRange(
        [
            Integers("nodes_treeids", tree), Integers("nodes_nodeids", all.Select(i => (long)i)),
            Integers("nodes_featureids", trees.Feature.Select(f => (long)f)), Numbers("nodes_values", trees.Threshold),
            Integers("nodes_truenodeids", trees.TrueChild.Select(c => (long)Math.Max(c, 0))),
            Integers("nodes_falsenodeids", trees.FalseChild.Select(c => (long)Math.Max(c, 0))),
            Integers("nodes_missing_value_tracks_true", trees.MissingTracksTrue.Select(m => m ? 1L : 0)),
            Texts("nodes_modes", all.Select(i => trees.IsLeaf(i) ? "LEAF" : modes[(int)trees.Mode[i]])),
            Integers("target_treeids", leaves.Select(i => tree[i])), Integers("target_nodeids", leaves.Select(i => (long)i)),
            Integers("target_ids", leaves.Select(_ => 0L)), Numbers("target_weights", leaves.Select(i => (float)trees.Value[i])),
            Numbers("base_values", [(float)trees.Offset]),
        ]);
        if (trees.Cover is not null)
        {
            node.Attribute.Add(Numbers("nodes_hitrates", trees.Cover.Select(cover => (float)cover)));
        }
        return node;
    }

    public static AttributeProto Integers(string name, IEnumerable<long> values) =>
        new() { Name = name, Type = AttributeType.Ints, Ints = { values } };

    public static AttributeProto Numbers(string name, IEnumerable<float> values) =>
        new() { Name = name, Type = AttributeType.Floats, Floats = { values } };

    public static AttributeProto Texts(string name, IEnumerable<string> values) =>
        new() { Name = name, Type = AttributeType.Strings, Strings = { values.Select(ByteString.CopyFromUtf8) } };

    public static AttributeProto Text(string name, string value) =>
        new() { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    private static float[] Floats(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextSingle()) - 1)];

    private static NodeProto Node(string operation, string output, params string[] inputs) =>
        new() { OpType = operation, Name = output, Output = { output }, Input = { inputs } };

    private static void Add(GraphProto graph, string name, float[] values) =>
        graph.Initializer.Add(new TensorProto
        {
            Name = name, DataType = (int)TensorProto.Types.DataType.Float, Dims = { values.Length }, FloatData = { values },
        });
}
