using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Evaluation;
using FraudScoring.Training.Learners;
using FraudScoring.Training.Quality;

namespace FraudScoring.Training.Runs;

/// <summary>What a training run wrote.</summary>
/// <param name="Manifest">The bundle's manifest.</param>
/// <param name="GraphHash">SHA-256 of the graph.</param>
/// <param name="Choice">How the members were chosen; null if they were given.</param>
/// <param name="Members">The contribution of each member.</param>
/// <param name="Quality">Quality of the data.</param>
/// <param name="Record">The run's record in the run log.</param>
internal sealed record TrainingOutcome(
    ModelManifest Manifest, string GraphHash, MemberChoice? Choice, IReadOnlyList<Ablation> Members, QualityReport Quality,
    RunRecord Record);
