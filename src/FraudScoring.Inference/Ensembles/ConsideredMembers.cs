using System.Text.Json.Serialization;

namespace FraudScoring.Inference.Ensembles;

/// <summary>A set of members that was considered for an ensemble, and its ranking quality on the payments of all folds.</summary>
/// <param name="Members">Its members.</param>
/// <param name="AveragePrecision">Average precision on all folds.</param>
/// <param name="AucRoc">Area under the ROC curve on all folds.</param>
/// <param name="AveragePrecisionGain">Gain in average precision over the set with one member less; null for a single member.</param>
/// <param name="AucRocGain">Gain in the area under the ROC curve, likewise.</param>
public sealed record ConsideredMembers(
    IReadOnlyList<string> Members, double AveragePrecision, double AucRoc, GainInterval? AveragePrecisionGain, GainInterval? AucRocGain);

/// <summary>95 % confidence interval of a gain, from a paired bootstrap.</summary>
/// <param name="AtLeast">Lower bound.</param>
/// <param name="AtMost">Upper bound.</param>
/// <param name="Drawn">What was drawn, if not cards: "payments", because there were too few cards.</param>
public sealed record GainInterval(
    double AtLeast, double AtMost, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Drawn = null);
