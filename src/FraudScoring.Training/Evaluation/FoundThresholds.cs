using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation;

/// <summary>Thresholds chosen on the calibration part: the least-cost plan, and thresholds by fixed rates as a baseline.</summary>
/// <param name="Plan">The least-cost thresholds, per segment.</param>
/// <param name="ByRates">The baseline: one triple at <see cref="ThresholdChooser.UsualRates"/>.</param>
/// <param name="Costs">The cost of each decision.</param>
/// <param name="Reference">The catalogue's reference currency.</param>
internal sealed record FoundThresholds(ThresholdPlan Plan, Thresholds ByRates, DecisionCosts Costs, Currency Reference)
{
    /// <param name="probabilities">Calibrated probabilities of payments no member was fitted on.</param>
    /// <param name="labels">1 for fraud, 0 for legitimate.</param>
    /// <param name="payments">Day, card and traits of each payment.</param>
    /// <param name="costs">The cost of each decision.</param>
    /// <param name="reference">The catalogue's reference currency.</param>
    public static FoundThresholds Find(
        double[] probabilities, ReadOnlySpan<float> labels, IReadOnlyList<TestPayment> payments, DecisionCosts costs, Currency reference)
    {
        var frauds = Array.ConvertAll(labels.ToArray(), label => label > 0);
        var days = payments.Select(payment => payment.Day).Distinct().Count();
        var plan = LeastCostThresholds.Choose(
            probabilities, frauds, [.. payments.Select(payment => payment.Traits)], costs, reference, days);
        return new FoundThresholds(plan, ThresholdChooser.Choose(probabilities, labels, ThresholdChooser.UsualRates), costs, reference);
    }

    /// <summary>The decisions and costs of these thresholds on other payments.</summary>
    public IReadOnlyList<OperatingRow> Operate(double[] probabilities, ReadOnlySpan<float> labels, IReadOnlyList<TestPayment> payments) =>
        new OperatingTable(Plan, Costs, ByRates, Reference).Rows(probabilities, labels, payments);
}
