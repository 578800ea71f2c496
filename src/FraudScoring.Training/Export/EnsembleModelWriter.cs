using FraudScoring.Inference.Contracts;
using FraudScoring.Onnx;
using FraudScoring.Training.Learners;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Training.Export;

/// <summary>
/// Writes members, stacker and calibration as the one graph that <see cref="EnsembleGraph"/> describes. The same ensemble gives the same
/// bytes. Members run in float32; the few numbers after them in double, where a steep calibration would enlarge rounding. For one payment an
/// operator costs more than its arithmetic: what depends on constants alone is left to the session, which folds it once, when it is made.
/// </summary>
internal sealed class EnsembleModelWriter
{
    private readonly GraphProto _graph = new() { Name = "fraud_ensemble" };

    /// <summary>Writes the graph; the members' margins are in the order of <see cref="EnsembleMembers.Present"/>.</summary>
    public static ModelProto Write(TrainedEnsemble ensemble)
    {
        var members = ensemble.Members;
        var writer = new EnsembleModelWriter();
        writer._graph.Input.Add(OnnxNodes.Rows(EnsembleGraph.Features, ensemble.FeatureNames.Count));
        writer._graph.Output.Add(OnnxNodes.Rows(EnsembleGraph.Probability, 1));
        writer._graph.Output.Add(OnnxNodes.Rows(EnsembleGraph.Margin, 1));
        writer._graph.Output.Add(OnnxNodes.Rows(EnsembleGraph.MemberMargins, members.Present.Count));
        foreach (var member in members.Present)
        {
            writer.Member(member, members);
        }
        writer.Add("Concat", [.. members.Present.Select(MarginOf)], EnsembleGraph.MemberMargins, OnnxNodes.Whole("axis", 1));
        writer.Stack(ensemble.Stacker);
        writer.Calibrate(ensemble.Calibration);
        return OnnxNodes.Model(writer._graph);
    }

    private void Member(string name, EnsembleMembers members)
    {
        switch (name)
        {
            case EnsembleGraph.Trees:
                Trees(name, LightGbmModelText.Parse(members.Trees.ModelText));
                break;
            case EnsembleGraph.Forest:
                Trees(name, LightGbmModelText.Parse(members.Forest.ModelText));
                break;
            case EnsembleGraph.Linear:
                Linear(members.Linear);
                break;
            default:
                Trees(name, members.Anomaly.ToModel());
                break;
        }
    }

    private static string MarginOf(string member) => $"{member}.margin";

    private void Trees(string member, LightGbmModel trees) =>
        _graph.Node.Add(TreeEnsembleNodes.Create(trees).ToNode(member, EnsembleGraph.Features, MarginOf(member)));

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
        Add("Gemm", ["linear.z", EnsembleGraph.LinearWeights, EnsembleGraph.LinearBias], MarginOf(EnsembleGraph.Linear));
    }

    private void Stack(Stacker stacker)
    {
        Constant(EnsembleGraph.StackerWeights, stacker.Weights, stacker.Weights.Length, 1);
        Constant(EnsembleGraph.StackerBias, [stacker.Bias], 1);
        Add("Gemm", [Double(EnsembleGraph.MemberMargins), Double(EnsembleGraph.StackerWeights), Double(EnsembleGraph.StackerBias)], "stacker.margin");
        Cast("stacker.margin", EnsembleGraph.Margin, DataType.Float);
    }

    // The map as one maximum and one product: changes · relu(s - knot) is changes · max(s, knot) less a constant, and the slope before all
    // knots is that of max(s, -infinity), which is s.
    private void Calibrate(Calibration calibration)
    {
        Constant(EnsembleGraph.CalibrationBias, [calibration.Bias], 1);
        Constant(EnsembleGraph.CalibrationSlope, [calibration.Slope], 1);
        Constant(EnsembleGraph.CalibrationKnots, calibration.Knots, calibration.Knots.Length);
        Constant(EnsembleGraph.CalibrationSlopeChanges, calibration.SlopeChanges, calibration.Knots.Length, 1);
        Constant("calibration.before_all", [float.NegativeInfinity], 1);
        Constant("calibration.one", [1], 1, 1);
        Add("MatMul", [Double(EnsembleGraph.CalibrationKnots), Double(EnsembleGraph.CalibrationSlopeChanges)], "calibration.at_knots");
        Add("Sub", [Double(EnsembleGraph.CalibrationBias), "calibration.at_knots"], "calibration.intercept");
        Add("Concat", [Double("calibration.before_all"), $"{EnsembleGraph.CalibrationKnots}.double"], "calibration.starts", OnnxNodes.Whole("axis", 0));
        Add("Mul", [EnsembleGraph.CalibrationSlope, "calibration.one"], "calibration.slope_row");
        Add("Concat", ["calibration.slope_row", EnsembleGraph.CalibrationSlopeChanges], "calibration.slopes", OnnxNodes.Whole("axis", 0));
        Add("Max", ["stacker.margin", "calibration.starts"], "calibration.beyond");
        Add("Gemm", ["calibration.beyond", Double("calibration.slopes"), "calibration.intercept"], "calibration.logit");
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
