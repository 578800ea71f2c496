namespace FraudScoring.Core.Statistics;

/// <summary>The cost of each of four actions on one row, in order of severity. All in one currency.</summary>
/// <param name="Approve">Cost of the mildest action.</param>
/// <param name="Review">Cost of the action whose number is limited.</param>
/// <param name="Challenge">Cost of the third action.</param>
/// <param name="Decline">Cost of the most severe action.</param>
public readonly record struct ActionCosts(double Approve, double Review, double Challenge, double Decline);
