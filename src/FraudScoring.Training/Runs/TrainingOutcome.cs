using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Evaluation;
using FraudScoring.Training.Learners;
using FraudScoring.Training.Quality;

namespace FraudScoring.Training.Runs;

/// <summary>What a training run wrote.</summary>
/// <param name="Manifest">The bundle's manifest.</param>
/// <param name="GraphHash">SHA-256 of the graph.</param>
/// <param name="Choice">How the members were chosen; null where they were named.</param>
/// <param name="Members">What each member is worth.</param>
/// <param name="Quality">The quality of the log.</param>
/// <param name="Record">The run, as the run log has it.</param>
internal sealed record TrainingOutcome(
    ModelManifest Manifest, string GraphHash, MemberChoice? Choice, IReadOnlyList<Ablation> Members, QualityReport Quality, RunRecord Record);
