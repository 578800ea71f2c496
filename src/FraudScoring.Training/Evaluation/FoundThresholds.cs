using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation;

/// <summary>Thresholds that were found on the calibration part: by cost, and by rates to compare with.</summary>
/// <param name="Plan">Those that cost least.</param>
/// <param name="ByRates">Those of the usual rates.</param>
/// <param name="Costs">What decisions cost.</param>
/// <param name="Reference">The catalogue's reference currency.</param>
internal sealed record FoundThresholds(ThresholdPlan Plan, Thresholds ByRates, DecisionCosts Costs, Currency Reference)
{
    /// <summary>Finds both.</summary>
    /// <param name="probabilities">Calibrated probabilities of payments no member was fitted on.</param>
    /// <param name="labels">1 for fraud, 0 for legitimate.</param>
    /// <param name="payments">What each belongs to.</param>
    /// <param name="costs">What decisions cost.</param>
    /// <param name="reference">The catalogue's reference currency.</param>
    public static FoundThresholds Find(
        double[] probabilities, ReadOnlySpan<float> labels, IReadOnlyList<TestPayment> payments, DecisionCosts costs, Currency reference)
    {
        var frauds = Array.ConvertAll(labels.ToArray(), label => label > 0);
        var days = payments.Select(payment => payment.Day).Distinct().Count();
        var plan = LeastCostThresholds.Choose(probabilities, frauds, [.. payments.Select(payment => payment.Traits)], costs, reference, days);
        return new FoundThresholds(plan, ThresholdChooser.Choose(probabilities, labels, ThresholdChooser.UsualRates), costs, reference);
    }

    /// <summary>What they do to other payments.</summary>
    public IReadOnlyList<OperatingRow> Operate(double[] probabilities, ReadOnlySpan<float> labels, IReadOnlyList<TestPayment> payments) =>
        new OperatingTable(Plan, Costs, ByRates, Reference).Rows(probabilities, labels, payments);
}
