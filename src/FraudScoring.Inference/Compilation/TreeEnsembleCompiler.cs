using FraudScoring.Core.Payments;
using FraudScoring.Inference.Attribution;
using FraudScoring.Onnx;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Inference.Compilation;

/// <summary>
/// Writes a TreeEnsembleRegressor or TreeEnsembleClassifier (ai.onnx.ml 1 to 4) as tensor operators. Where the specification is silent, the
/// result is that of ONNX Runtime on the CPU.
/// </summary>
/// <remarks>
/// Sums over trees run in double. In float, the rounding error of hundreds of leaves depends on the order of addition, which differs
/// between devices and sizes of a batch: a score near a threshold could lead to another decision on another device.
/// </remarks>
internal sealed class TreeEnsembleCompiler
{
    private readonly TwinGraph _graph;
    private readonly NodeProto _node;
    private readonly NodeAttributes _attributes;
    private readonly TreeForm? _form;

    private TreeEnsembleCompiler(TwinGraph graph, NodeProto node, TreeForm? form, Faults faults) =>
        (_graph, _node, _attributes, _form) = (graph, node, new NodeAttributes(node, faults), form);

    /// <summary>True for the nodes that this class compiles.</summary>
    public static bool Compiles(NodeProto node) =>
        node.Domain == "ai.onnx.ml" && node.OpType is "TreeEnsembleRegressor" or "TreeEnsembleClassifier";

    /// <summary>Compiles a node.</summary>
    /// <param name="graph">The graph to write to.</param>
    /// <param name="node">The node.</param>
    /// <param name="needed">Values that other nodes read or the graph returns.</param>
    /// <param name="form">The form of the trees; null for the one of least cost.</param>
    /// <param name="faults">Receives why the node cannot be compiled.</param>
    public static void Compile(TwinGraph graph, NodeProto node, IReadOnlySet<string> needed, TreeForm? form, Faults faults)
    {
        var compiler = new TreeEnsembleCompiler(graph, node, form, faults);
        graph.Begin(node.Output.FirstOrDefault(output => output.Length > 0) ?? node.Name);
        compiler.Compile(needed);
    }

    private void Compile(IReadOnlySet<string> needed)
    {
        if (_node.Input.Count == 0 || _node.Output.Count == 0)
        {
            _attributes.Report("X", "the node needs an input and an output.");
            return;
        }
        if (_graph.Types.Find(_node.Input[0]) is not DataType.Float and var type)
        {
            _attributes.Report("X", $"is of type {type.ToString().ToLowerInvariant()}; only trees over float can be compiled.");
        }
        if (_node.OpType == "TreeEnsembleRegressor")
        {
            CompileRegressor();
        }
        else
        {
            CompileClassifier(needed);
        }
    }

    private void CompileRegressor()
    {
        var targets = (int)Math.Clamp(_attributes.Integer("n_targets", 1), 1, short.MaxValue);
        var weights = LeafWeights.Create(_attributes, "target", targets);
        var aggregate = _attributes.Text("aggregate_function", "SUM");
        // With one target the runtime applies no post-transform other than PROBIT.
        var transform = _attributes.Text("post_transform", "NONE");
        CheckTransform(transform);
        if (ReadTrees() is not { } trees || weights is null)
        {
            return;
        }
        if (aggregate is not ("SUM" or "AVERAGE" or "MIN" or "MAX"))
        {
            _attributes.Report("aggregate_function", $"{aggregate} is unknown; SUM, AVERAGE, MIN and MAX can be compiled.");
        }
        if (aggregate is "MIN" or "MAX" && !weights.AreComplete(trees))
        {
            _attributes.Report("target_weights", $"{aggregate} can only be compiled if every leaf has a weight for every target.");
        }
        if (!_attributes.AnyFailed)
        {
            var scores = Base(Aggregate(trees, weights, aggregate), targets, isSingle: targets == 1);
            Transform(scores, targets == 1 ? "NONE" : transform, _node.Output[0]);
        }
    }

    private void CompileClassifier(IReadOnlySet<string> needed)
    {
        var labels = _attributes.Integers("classlabels_int64s");
        var classes = Math.Max(labels.Length, _attributes.Strings("classlabels_strings").Length);
        var isLabelNeeded = _node.Output[0].Length > 0 && needed.Contains(_node.Output[0]);
        if (classes < 2)
        {
            _attributes.Report("classlabels_int64s", "must name at least two classes.");
        }
        if (isLabelNeeded && labels.Length == 0)
        {
            _attributes.Report(
                "classlabels_strings", "a GPU cannot return labels that are strings; use whole numbers, or read only the scores.");
        }
        var transform = _attributes.Text("post_transform", "NONE");
        CheckTransform(transform);
        var weights = LeafWeights.Create(_attributes, "class", classes);
        if (ReadTrees() is not { } trees || weights is null)
        {
            return;
        }
        if (weights.Targets > 1 && isLabelNeeded && Enumerable.Range(0, classes).Any(target => !weights.AlwaysSays(trees, target)))
        {
            _attributes.Report("class_weights", "labels can only be compiled if every row gets a weight for every class.");
        }
        // With two classes the runtime does not simply add other base values.
        if (classes == 2 && _attributes.Floats("base_values").Length > (weights.Targets == 1 ? 1 : 0))
        {
            _attributes.Report(
                "base_values", "with two classes, only one value can be compiled, and only if the leaves have weights for one class.");
        }
        if (_attributes.AnyFailed)
        {
            return;
        }
        var isSingle = weights.Targets == 1;
        var scores = new ClassScores(_graph, Base(Aggregate(trees, weights, "SUM"), classes, isSingle), classes, transform);
        // As the runtime decides: if no weight is negative, a single score is a probability, and the label changes at 0.5 instead of 0.
        var isShare = isSingle && weights.ArePositive;
        scores.Emit(_node.Output.ElementAtOrDefault(1), isSingle, isShare && transform != "LOGISTIC");
        if (isLabelNeeded)
        {
            scores.EmitLabels(_node.Output[0], labels, isSingle, from: isShare ? 0.5 : 0);
        }
    }

    private void CheckTransform(string transform)
    {
        if (transform is not ("NONE" or "LOGISTIC" or "SOFTMAX"))
        {
            _attributes.Report("post_transform", $"{transform} cannot be compiled; NONE, LOGISTIC and SOFTMAX can.");
        }
    }

    private DecisionTrees? ReadTrees()
    {
        if (_attributes.AnyFailed)
        {
            return null;
        }
        var nodes = new TreeNodes(_attributes);
        return _attributes.AnyFailed || nodes.Build(new LeafMargin(0, [])) is not { } trees || _attributes.AnyFailed ? null : trees;
    }

    /// <summary>Writes the sum (or other aggregate) of the trees, double [rows, targets].</summary>
    private string Aggregate(DecisionTrees trees, LeafWeights weights, string aggregate)
    {
        var compiled = new CompiledTrees(trees, weights.Values, weights.Targets);
        if (compiled.Depth > TreeForms.MostLevels)
        {
            _attributes.Report("nodes_treeids", $"a tree is {compiled.Depth} levels deep; at most {TreeForms.MostLevels} can be compiled.");
            return "";
        }
        var entries = compiled.Entries.Emit(_graph, _node.Input[0]);
        var isSum = aggregate is "SUM" or "AVERAGE";
        var form = _form is { } wanted && (wanted != TreeForm.Matrix || (isSum && weights.Targets == 1)) ? wanted
            : TreeForms.Choose(compiled, isSum);
        var sum = form == TreeForm.Matrix
            ? MatrixForm.Emit(_graph, compiled, entries)
            : Reduce(_graph.Cast(TreeForms.EmitLeaves(_graph, compiled, entries, form), DataType.Double), aggregate, weights.Targets);
        return aggregate == "AVERAGE" ? _graph.Add("Div", [sum, _graph.Scalar((double)compiled.Roots)]) : sum;
    }

    /// <summary>Aggregates over the trees: [rows, trees] to [rows, 1], [rows, trees, targets] to [rows, targets].</summary>
    private string Reduce(string leaves, string aggregate, int targets)
    {
        var keep = TwinGraph.Whole("keepdims", targets == 1 ? 1 : 0);
        var operation = aggregate switch { "MIN" => "ReduceMin", "MAX" => "ReduceMax", _ => "ReduceSum" };
        return operation != "ReduceSum" && _graph.Opset < 18
            ? _graph.Add(operation, [leaves], TwinGraph.Wholes("axes", 1), keep)
            : _graph.Add(operation, [leaves, _graph.Constant<long>([1], 1)], keep);
    }

    /// <summary>Adds the base values as the runtime does: only if there is one per score.</summary>
    private string Base(string scores, int targets, bool isSingle)
    {
        double[] given = [.. _attributes.Floats("base_values").Select(value => (double)value)];
        return given.Length == (isSingle ? 1 : targets)
            ? _graph.Add("Add", [scores, _graph.Constant<double>(given, given.Length)])
            : scores;
    }

    private void Transform(string scores, string transform, string output)
    {
        var transformed = transform switch
        {
            "LOGISTIC" => _graph.Add("Sigmoid", [scores]),
            "SOFTMAX" => _graph.Add("Softmax", [scores], TwinGraph.Whole("axis", 1)),
            _ => scores,
        };
        _graph.Cast(transformed, DataType.Float, output);
    }
}
