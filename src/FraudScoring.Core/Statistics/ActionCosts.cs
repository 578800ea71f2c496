namespace FraudScoring.Core.Statistics;

/// <summary>What each of four actions, in order of severity, costs for one row.</summary>
/// <param name="Approve">The mildest.</param>
/// <param name="Review">The one of which only so many can be had.</param>
/// <param name="Challenge">The third.</param>
/// <param name="Decline">The gravest.</param>
public readonly record struct ActionCosts(double Approve, double Review, double Challenge, double Decline);
