namespace FraudScoring.Inference.Ensembles;

/// <summary>A set of members that was considered for an ensemble, and how it ranks the payments of all folds.</summary>
/// <param name="Members">Its members.</param>
/// <param name="AveragePrecision">On all folds.</param>
/// <param name="AucRoc">Area under the ROC curve on all folds.</param>
/// <param name="AveragePrecisionGain">Over the set with one member less; null for a member alone.</param>
/// <param name="AucRocGain">The same of the area under the ROC curve.</param>
public sealed record ConsideredMembers(
    IReadOnlyList<string> Members, double AveragePrecision, double AucRoc, GainInterval? AveragePrecisionGain, GainInterval? AucRocGain);

/// <summary>A gain's 95 % interval by paired draws of cards.</summary>
/// <param name="AtLeast">Lower bound.</param>
/// <param name="AtMost">Upper bound.</param>
public sealed record GainInterval(double AtLeast, double AtMost);
