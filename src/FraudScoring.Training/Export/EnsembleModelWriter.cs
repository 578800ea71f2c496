using FraudScoring.Inference.Contracts;
using FraudScoring.Onnx;
using FraudScoring.Training.Learners;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Training.Export;

/// <summary>
/// Writes members, stacker and calibration as one ONNX graph, described by <see cref="EnsembleGraph"/>. Deterministic: equal ensembles
/// have equal bytes.
/// </summary>
/// <remarks>
/// Members run in float32. The stacker and the calibration run in double, because a steep calibration multiplies rounding errors; they are
/// a handful of numbers, so precision is cheap there. For a single payment the overhead of an operator exceeds its arithmetic. The graph
/// therefore has few operators per row, and everything that depends on constants only is folded once by ONNX Runtime when it opens the
/// session. Folding it here instead would hide the trained parameters that tests and explanations read from the graph.
/// </remarks>
internal sealed class EnsembleModelWriter
{
    private readonly GraphProto _graph = new() { Name = "fraud_ensemble" };

    /// <summary>Returns the model. Member margins are in the order of <see cref="EnsembleMembers.Present"/>.</summary>
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
        Add("Gemm",
            [Double(EnsembleGraph.MemberMargins), Double(EnsembleGraph.StackerWeights), Double(EnsembleGraph.StackerBias)],
            "stacker.margin");
        Cast("stacker.margin", EnsembleGraph.Margin, DataType.Float);
    }

    // Calibration is piecewise linear in the margin s: bias + slope · s + Σ change[k] · relu(s - knot[k]). Written out, that is a
    // subtraction, a Relu and two products per row. Since relu(s - knot) = max(s, knot) - knot, the knots' share is a constant, and the
    // first slope belongs to max(s, -infinity) = s, so that one Max and one Gemm over [slope, changes] compute all of it.
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
        Add("Concat",
            [Double("calibration.before_all"), $"{EnsembleGraph.CalibrationKnots}.double"], "calibration.starts",
            OnnxNodes.Whole("axis", 0));
        Add("Mul", [EnsembleGraph.CalibrationSlope, "calibration.one"], "calibration.slope_row");
        Add("Concat", ["calibration.slope_row", EnsembleGraph.CalibrationSlopeChanges], "calibration.slopes", OnnxNodes.Whole("axis", 0));
        Add("Max", ["stacker.margin", "calibration.starts"], "calibration.beyond");
        Add("Gemm", ["calibration.beyond", Double("calibration.slopes"), "calibration.intercept"], "calibration.logit");
        Add("Sigmoid", ["calibration.logit"], "calibration.probability");
        Cast("calibration.probability", EnsembleGraph.Probability, DataType.Float);
    }

    private void Constant(string name, float[] values, params long[] dimensions) =>
        _graph.Initializer.Add(OnnxNodes.Constant(name, values, dimensions));

    // ONNX Runtime folds casts of constants when it opens the session; they cost nothing per row.
    private string Double(string name)
    {
        Cast(name, $"{name}.double", DataType.Double);
        return $"{name}.double";
    }

    private void Cast(string input, string output, DataType type) => Add("Cast", [input], output, OnnxNodes.Whole("to", (long)type));

    private void Add(string operation, string[] inputs, string output, params AttributeProto[] attributes) =>
        _graph.Node.Add(OnnxNodes.Node(operation, output, inputs, output, attributes));
}
