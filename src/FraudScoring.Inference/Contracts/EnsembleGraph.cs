namespace FraudScoring.Inference.Contracts;

/// <summary>
/// The names in an ensemble's ONNX graph. The exporter writes them, sessions bind them, and the explainer reads the parameters back by
/// them. So explanations use the very parameters that are run, and no second copy can diverge.
/// </summary>
/// <remarks>
/// Every member reads <c>features</c>, float [rows, features], and returns one margin per row, the sum over its trees or terms:
/// <list type="bullet">
/// <item><c>trees</c>, <c>forest</c> (both in log-odds) and <c>anomaly</c> (minus the mean path length): the TreeEnsembleRegressor node of
/// that name; <c>nodes_hitrates</c> holds the training rows (cover) per node.</item>
/// <item><c>linear</c>: z = clip((x - <see cref="LinearMean"/>) / <see cref="LinearScale"/>, ±<see cref="LinearClip"/>), 0 where x is NaN;
/// margin = z · <see cref="LinearWeights"/> + <see cref="LinearBias"/>.</item>
/// </list>
/// The stacker's margin is s = margins · <see cref="StackerWeights"/> + <see cref="StackerBias"/>. Calibration is a monotone
/// piecewise-linear map of s, logit = <see cref="CalibrationBias"/> + <see cref="CalibrationSlope"/> · s +
/// Σ <see cref="CalibrationSlopeChanges"/>[k] · relu(s - <see cref="CalibrationKnots"/>[k]), and probability = sigmoid(logit).
/// </remarks>
public static class EnsembleGraph
{
    /// <summary>Input, float [rows, features]; NaN is a missing value.</summary>
    public const string Features = "features";
    /// <summary>Output, float [rows, 1]: calibrated fraud probability.</summary>
    public const string Probability = "probability";
    /// <summary>Output, float [rows, 1]: the stacker's margin, before calibration.</summary>
    public const string Margin = "margin";
    /// <summary>Output, float [rows, members]: the members' margins, in the manifest's order.</summary>
    public const string MemberMargins = "member_margins";

    /// <summary>Largest number of members. Buffers for their margins are allocated once, before any bundle is loaded.</summary>
    public const int MaxMembers = 32;

    /// <summary>Member: gradient-boosted trees; also the name of their TreeEnsembleRegressor node.</summary>
    public const string Trees = "trees";
    /// <summary>Member: a forest of independent trees with log-odds in their leaves; also the name of its node.</summary>
    public const string Forest = "forest";
    /// <summary>Member: logistic regression.</summary>
    public const string Linear = "linear";
    /// <summary>Member: an isolation forest, trained without labels; also the name of its node.</summary>
    public const string Anomaly = "anomaly";

    /// <summary>The members that consist of trees.</summary>
    public static IReadOnlyList<string> TreeMembers { get; } = [Trees, Forest, Anomaly];

    /// <summary>Initializer, float [features].</summary>
    public const string LinearMean = "linear.mean";
    /// <summary>Initializer, float [features].</summary>
    public const string LinearScale = "linear.scale";
    /// <summary>Initializer, float scalar.</summary>
    public const string LinearClip = "linear.clip";
    /// <summary>Initializer, float [features, 1].</summary>
    public const string LinearWeights = "linear.weights";
    /// <summary>Initializer, float [1].</summary>
    public const string LinearBias = "linear.bias";
    /// <summary>Initializer, float [members, 1].</summary>
    public const string StackerWeights = "stacker.weights";
    /// <summary>Initializer, float [1].</summary>
    public const string StackerBias = "stacker.bias";
    /// <summary>Initializer, float [1].</summary>
    public const string CalibrationBias = "calibration.bias";
    /// <summary>Initializer, float [1].</summary>
    public const string CalibrationSlope = "calibration.slope";
    /// <summary>Initializer, float [knots].</summary>
    public const string CalibrationKnots = "calibration.knots";
    /// <summary>Initializer, float [knots, 1].</summary>
    public const string CalibrationSlopeChanges = "calibration.slope_changes";
}
