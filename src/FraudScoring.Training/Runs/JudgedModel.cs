using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Evaluation;

namespace FraudScoring.Training.Runs;

/// <summary>What an ensemble does to the payments of the test part.</summary>
/// <param name="Thresholds">The thresholds it is used with.</param>
/// <param name="Probabilities">Of each payment.</param>
/// <param name="Metrics">How good these are; parity adds how far the graphs are from the trainer.</param>
/// <param name="Operating">What the thresholds do.</param>
/// <param name="Members">What each member is worth.</param>
internal sealed record JudgedModel(
    FoundThresholds Thresholds, double[] Probabilities, SortedDictionary<string, double> Metrics, IReadOnlyList<OperatingRow> Operating,
    IReadOnlyList<Ablation> Members);
