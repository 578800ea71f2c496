namespace FraudScoring.Training.Learners;

/// <summary>Members that learned, before their margins are joined.</summary>
/// <param name="FeatureNames">Columns, in order.</param>
/// <param name="Members">Learned on all fit rows.</param>
/// <param name="Folds">What members of the same kind said of the folds; null without folds.</param>
/// <param name="Choice">How they were chosen; null where they were named.</param>
internal sealed record LearnedMembers(IReadOnlyList<string> FeatureNames, EnsembleMembers Members, OutOfFold? Folds, MemberChoice? Choice);
