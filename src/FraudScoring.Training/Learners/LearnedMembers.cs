namespace FraudScoring.Training.Learners;

/// <summary>Trained members, before stacking.</summary>
/// <param name="FeatureNames">Feature names, in column order.</param>
/// <param name="Members">The members, trained on all fit rows.</param>
/// <param name="Folds">Out-of-fold predictions of members with the same parameters; null without folds.</param>
/// <param name="Choice">How the members were chosen; null if they were given.</param>
internal sealed record LearnedMembers(IReadOnlyList<string> FeatureNames, EnsembleMembers Members, OutOfFold? Folds, MemberChoice? Choice);
