using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Evaluation;

namespace FraudScoring.Training.Runs;

/// <summary>The results of an ensemble on the test part.</summary>
/// <param name="Thresholds">Its thresholds.</param>
/// <param name="Probabilities">Probability of each payment.</param>
/// <param name="Metrics">Metrics of the probabilities. The parity stage adds the differences between graphs and trainer.</param>
/// <param name="Operating">Decisions at the thresholds, with their costs.</param>
/// <param name="Members">The contribution of each member.</param>
internal sealed record JudgedModel(
    FoundThresholds Thresholds, double[] Probabilities, SortedDictionary<string, double> Metrics, IReadOnlyList<OperatingRow> Operating,
    IReadOnlyList<Ablation> Members);
