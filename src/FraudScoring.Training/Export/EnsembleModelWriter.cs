using FraudScoring.Inference.Ensembles;
using FraudScoring.Onnx;
using FraudScoring.Training.Learners;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Training.Export;

/// <summary>
/// Writes members, stacker and calibration as the one graph that <see cref="EnsembleGraph"/> describes. The same ensemble gives the same
/// bytes. Members run in float32; the few numbers after them in double, where a steep calibration would enlarge rounding.
/// </summary>
internal sealed class EnsembleModelWriter
{
    private readonly GraphProto _graph = new() { Name = "fraud_ensemble" };

    /// <summary>Writes the graph; the members' margins are in the order of <see cref="EnsembleMembers.Names"/>.</summary>
    public static ModelProto Write(EnsembleMembers members, Stacker stacker, Calibration calibration)
    {
        var writer = new EnsembleModelWriter();
        writer._graph.Input.Add(OnnxNodes.Rows(EnsembleGraph.Features, members.Linear.Weights.Length));
        writer._graph.Output.Add(OnnxNodes.Rows(EnsembleGraph.Probability, 1));
        writer._graph.Output.Add(OnnxNodes.Rows(EnsembleGraph.Margin, 1));
        writer._graph.Output.Add(OnnxNodes.Rows(EnsembleGraph.MemberMargins, EnsembleMembers.Names.Count));
        writer.Trees(EnsembleGraph.Trees, LightGbmModelText.Parse(members.Trees.ModelText));
        writer.Trees(EnsembleGraph.Forest, LightGbmModelText.Parse(members.Forest.ModelText));
        writer.Linear(members.Linear);
        writer.Trees(EnsembleGraph.Anomaly, members.Anomaly.ToModel());
        writer.Add("Concat", [.. EnsembleMembers.Names.Select(MarginOf)], EnsembleGraph.MemberMargins, OnnxNodes.Whole("axis", 1));
        writer.Stack(stacker);
        writer.Calibrate(calibration);
        return OnnxNodes.Model(writer._graph);
    }

    private static string MarginOf(string member) => $"{member}.margin";

    private void Trees(string member, LightGbmModel trees) =>
        _graph.Node.Add(TreeEnsembleNodes.Of(trees).ToNode(member, EnsembleGraph.Features, MarginOf(member)));

    private void Linear(LogisticRegression linear)
    {
        long features = linear.Weights.Length;
        Constant(EnsembleGraph.LinearMean, linear.Mean, features);
        Constant(EnsembleGraph.LinearScale, linear.Scale, features);
        Constant(EnsembleGraph.LinearClip, [linear.Clip]);
        Constant(EnsembleGraph.LinearWeights, linear.Weights, features, 1);
        Constant(EnsembleGraph.LinearBias, [linear.Bias], 1);
        Constant("linear.missing", [0]);
        Add("Neg", [EnsembleGraph.LinearClip], "linear.lower");
        Add("Sub", [EnsembleGraph.Features, EnsembleGraph.LinearMean], "linear.centred");
        Add("Div", ["linear.centred", EnsembleGraph.LinearScale], "linear.scaled");
        Add("Clip", ["linear.scaled", "linear.lower", EnsembleGraph.LinearClip], "linear.clipped");
        Add("IsNaN", [EnsembleGraph.Features], "linear.is_missing");
        Add("Where", ["linear.is_missing", "linear.missing", "linear.clipped"], "linear.z");
        Add("MatMul", ["linear.z", EnsembleGraph.LinearWeights], "linear.product");
        Add("Add", ["linear.product", EnsembleGraph.LinearBias], MarginOf(EnsembleGraph.Linear));
    }

    private void Stack(Stacker stacker)
    {
        Constant(EnsembleGraph.StackerWeights, stacker.Weights, stacker.Weights.Length, 1);
        Constant(EnsembleGraph.StackerBias, [stacker.Bias], 1);
        Add("MatMul", [Double(EnsembleGraph.MemberMargins), Double(EnsembleGraph.StackerWeights)], "stacker.product");
        Add("Add", ["stacker.product", Double(EnsembleGraph.StackerBias)], "stacker.margin");
        Cast("stacker.margin", EnsembleGraph.Margin, DataType.Float);
    }

    private void Calibrate(Calibration calibration)
    {
        Constant(EnsembleGraph.CalibrationBias, [calibration.Bias], 1);
        Constant(EnsembleGraph.CalibrationSlope, [calibration.Slope], 1);
        Constant(EnsembleGraph.CalibrationKnots, calibration.Knots, calibration.Knots.Length);
        Constant(EnsembleGraph.CalibrationSlopeChanges, calibration.SlopeChanges, calibration.Knots.Length, 1);
        Add("Mul", ["stacker.margin", Double(EnsembleGraph.CalibrationSlope)], "calibration.sloped");
        Add("Add", ["calibration.sloped", Double(EnsembleGraph.CalibrationBias)], "calibration.line");
        Add("Sub", ["stacker.margin", Double(EnsembleGraph.CalibrationKnots)], "calibration.beyond");
        Add("Relu", ["calibration.beyond"], "calibration.past");
        Add("MatMul", ["calibration.past", Double(EnsembleGraph.CalibrationSlopeChanges)], "calibration.bends");
        Add("Add", ["calibration.line", "calibration.bends"], "calibration.logit");
        Add("Sigmoid", ["calibration.logit"], "calibration.probability");
        Cast("calibration.probability", EnsembleGraph.Probability, DataType.Float);
    }

    private void Constant(string name, float[] values, params long[] dimensions) =>
        _graph.Initializer.Add(OnnxNodes.Constant(name, values, dimensions));

    // Casts of constants are folded when a session is made; they cost nothing per row.
    private string Double(string name)
    {
        Cast(name, $"{name}.double", DataType.Double);
        return $"{name}.double";
    }

    private void Cast(string input, string output, DataType type) => Add("Cast", [input], output, OnnxNodes.Whole("to", (long)type));

    private void Add(string operation, string[] inputs, string output, params AttributeProto[] attributes) =>
        _graph.Node.Add(OnnxNodes.Node(operation, output, inputs, output, attributes));
}
