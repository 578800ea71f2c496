namespace FraudScoring.Inference.Ensembles;

/// <summary>How much a member of an ensemble contributes, measured on payments later than all training data.</summary>
/// <param name="Member">Name of the member.</param>
/// <param name="Weight">Its weight in the stacker.</param>
/// <param name="AveragePrecisionAlone">Average precision of its own margin.</param>
/// <param name="AveragePrecisionWithout">Average precision of a stacker fitted to the other members; null if there are none.</param>
public sealed record MemberWorth(string Member, double Weight, double AveragePrecisionAlone, double? AveragePrecisionWithout);
