using FraudScoring.Inference.Contracts;
using FraudScoring.Onnx;
using Google.Protobuf;
using AttributeType = FraudScoring.Onnx.AttributeProto.Types.AttributeType;

namespace FraudScoring.Benchmarks.Fixtures;

/// <summary>
/// Random trees of the size that the budgets name. They grow leaf by leaf and unbalanced, as LightGBM's do, over the features of the
/// committed model. Thresholds are drawn from real rows.
/// </summary>
internal static class SyntheticTrees
{
    private const int Trees = 300, Leaves = 31;
    private static readonly string[] NodeAttributes = ["treeids", "nodeids", "featureids", "truenodeids", "falsenodeids",
        "missing_value_tracks_true"];

    /// <summary>Creates the <c>ai.onnx.ml</c> TreeEnsembleRegressor node with the names and inputs of the committed one.</summary>
    /// <param name="likeThis">The committed graph's node.</param>
    /// <param name="rows">Rows from which the thresholds are drawn, as the graph receives them.</param>
    public static NodeProto Node(NodeProto likeThis, float[][] rows)
    {
        var random = new Random(1);
        var whole = NodeAttributes.ToDictionary(name => name, _ => new List<long>());
        var (values, covers, modes) = (new List<float>(), new List<float>(), new List<string>());
        var leaves = new List<(long Tree, long Node, float Weight)>();
        for (var tree = 0; tree < Trees; tree++)
        {
            foreach (var (node, children, cover) in Grow(random))
            {
                var feature = random.Next(rows[0].Length);
                var threshold = rows[random.Next(rows.Length)][feature];
                long[] entry = [tree, node, feature, children?.True ?? 0, children?.False ?? 0, children is null ? 0 : random.Next(2)];
                for (var i = 0; i < entry.Length; i++)
                {
                    whole[NodeAttributes[i]].Add(children is null && i == 2 ? 0 : entry[i]);
                }
                values.Add(children is null || float.IsNaN(threshold) ? 0 : threshold);
                covers.Add(cover);
                modes.Add(children is null ? "LEAF" : "BRANCH_LEQ");
                if (children is null)
                {
                    leaves.Add((tree, node, (random.NextSingle() - 0.5f) / 10));
                }
            }
        }
        var made = new NodeProto
        {
            OpType = likeThis.OpType, Domain = likeThis.Domain, Name = likeThis.Name, Input = { likeThis.Input },
            Output = { likeThis.Output },
        };
        made.Attribute.Add(new AttributeProto { Name = "n_targets", Type = AttributeType.Int, I = 1 });
        made.Attribute.Add(whole.Select(list => Wholes($"nodes_{list.Key}", list.Value)));
        made.Attribute.Add(Floats("nodes_values", values));
        made.Attribute.Add(Floats("nodes_hitrates", covers));
        made.Attribute.Add(
            new AttributeProto { Name = "nodes_modes", Type = AttributeType.Strings, Strings = { modes.Select(ByteString.CopyFromUtf8) } });
        made.Attribute.Add(Wholes("target_treeids", leaves.Select(leaf => leaf.Tree)));
        made.Attribute.Add(Wholes("target_nodeids", leaves.Select(leaf => leaf.Node)));
        made.Attribute.Add(Wholes("target_ids", leaves.Select(_ => 0L)));
        made.Attribute.Add(Floats("target_weights", leaves.Select(leaf => leaf.Weight)));
        return made;
    }

    /// <summary>Creates a graph of these trees alone, as an export of LightGBM would be.</summary>
    public static ModelProto Alone(ModelProto whole, NodeProto trees)
    {
        var margin = whole.Graph.Output.Single(output => output.Name == EnsembleGraph.Margin);
        var margins = new ValueInfoProto(margin) { Name = trees.Output[0] };
        return new ModelProto
        {
            IrVersion = whole.IrVersion,
            OpsetImport = { whole.OpsetImport },
            Graph = new GraphProto { Name = "trees", Input = { whole.Graph.Input }, Node = { trees }, Output = { margins } },
        };
    }

    /// <summary>Splits random leaves, preferring those with more rows, until there are enough.</summary>
    private static List<(int Node, (int True, int False)? Children, float Cover)> Grow(Random random)
    {
        var nodes = new List<(int Node, (int True, int False)? Children, float Cover)> { (0, null, 1000) };
        while (nodes.Count < (2 * Leaves) - 1)
        {
            var leaf = nodes.Where(node => node.Children is null).MaxBy(node => node.Cover * random.NextSingle());
            var share = 0.1f + (0.8f * random.NextSingle());
            var children = (nodes.Count, nodes.Count + 1);
            nodes[leaf.Node] = leaf with { Children = children };
            nodes.Add((children.Item1, null, leaf.Cover * share));
            nodes.Add((children.Item2, null, leaf.Cover * (1 - share)));
        }
        return nodes;
    }

    private static AttributeProto Wholes(string name, IEnumerable<long> values) =>
        new() { Name = name, Type = AttributeType.Ints, Ints = { values } };

    private static AttributeProto Floats(string name, IEnumerable<float> values) =>
        new() { Name = name, Type = AttributeType.Floats, Floats = { values } };
}
