namespace FraudScoring.Inference.Ensembles;

/// <summary>What a member is worth on payments later than all that was learned from.</summary>
/// <param name="Member">Its name.</param>
/// <param name="Weight">Its weight in the stacker.</param>
/// <param name="AveragePrecisionAlone">Of its own margin.</param>
/// <param name="AveragePrecisionWithout">Of the other members, stacked anew; null where there are none.</param>
public sealed record MemberWorth(string Member, double Weight, double AveragePrecisionAlone, double? AveragePrecisionWithout);
