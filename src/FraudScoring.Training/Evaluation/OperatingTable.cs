using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation;

/// <summary>Decisions and costs of a set of thresholds on labelled payments, in total and per segment.</summary>
/// <remarks>
/// Every payment is priced three times: by the decision of the plan, as if approved, and by the decision of the baseline thresholds.
/// The three costs are of the same payments and therefore comparable, which costs from separate runs would not be. A segment of the plan
/// without payments keeps its row of zeros, so that rows can be matched with the plan.
/// </remarks>
/// <param name="plan">The thresholds.</param>
/// <param name="costs">The cost of each decision.</param>
/// <param name="byRates">The baseline thresholds.</param>
/// <param name="reference">The catalogue's reference currency.</param>
internal sealed class OperatingTable(ThresholdPlan plan, DecisionCosts costs, Thresholds byRates, Currency reference)
{
    private const int Digits = 6;

    /// <summary>The rows: all payments, then each segment in the plan's order, then payments outside the segments, if any.</summary>
    /// <param name="probabilities">Calibrated fraud probabilities.</param>
    /// <param name="labels">1 for fraud, 0 for legitimate.</param>
    /// <param name="payments">Day, card and traits of each payment.</param>
    /// <exception cref="ArgumentException">The plan is invalid.</exception>
    public IReadOnlyList<OperatingRow> Rows(double[] probabilities, ReadOnlySpan<float> labels, IReadOnlyList<TestPayment> payments)
    {
        var faults = new Faults();
        var table = ThresholdTable.Compile(plan, reference, "thresholds", faults);
        faults.ThrowIfAny();
        var scheme = new SegmentScheme(plan.By, plan.Amounts, reference);
        var sums = new Dictionary<string, Sum> { [OperatingRow.All] = new() };
        foreach (var segment in plan.Segments)
        {
            sums.Add(segment.Name(), new Sum());
        }
        var others = new Sum();
        for (var i = 0; i < probabilities.Length; i++)
        {
            var traits = payments[i].Traits;
            var outcome = Outcome.Create(table!.Select(traits).Decide(probabilities[i]), byRates.Decide(probabilities[i]),
                labels[i] > 0, costs, Math.Max(0, traits.Amount) / Math.Pow(10, reference.Digits));
            sums[OperatingRow.All].Record(outcome);
            var name = SegmentThresholds.NameOf(scheme.ValueOf(traits), scheme.StartOf(scheme.BandOf(traits.Amount)));
            // Without a known amount a payment is in no segment; it costs what does not depend on the amount.
            (traits.Amount < 0 ? others : sums.GetValueOrDefault(name, others)).Record(outcome);
        }
        if (plan.Segments.Count > 0 && others.Payments > 0)
        {
            sums.Add(OperatingRow.Others, others);
        }
        var days = Math.Max(1, payments.Select(payment => payment.Day).Distinct().Count());
        return [.. sums.Select(sum => sum.Value.Row(sum.Key, days))];
    }

    private readonly record struct Outcome(Decision Decision, bool Fraud, double Cost, double Approved, double ByRates)
    {
        public static Outcome Create(Decision decision, Decision byRates, bool fraud, DecisionCosts costs, double amount)
        {
            var of = costs.Compute(amount, fraud);
            return new Outcome(decision, fraud, of.CostOf(decision), of.Approve, of.CostOf(byRates));
        }
    }

    private sealed class Sum
    {
        private readonly int[] _decisions = new int[(int)Decision.Decline + 1];
        private int _frauds;
        private int _caught;
        private double _cost;
        private double _approved;
        private double _byRates;

        public int Payments { get; private set; }

        public void Record(in Outcome outcome)
        {
            Payments++;
            _frauds += outcome.Fraud ? 1 : 0;
            _caught += outcome.Fraud && outcome.Decision != Decision.Approve ? 1 : 0;
            _decisions[(int)outcome.Decision]++;
            (_cost, _approved, _byRates) = (_cost + outcome.Cost, _approved + outcome.Approved, _byRates + outcome.ByRates);
        }

        public OperatingRow Row(string name, int days)
        {
            var flagged = Payments - _decisions[(int)Decision.Approve];
            return new OperatingRow(
                name, Payments, _frauds,
                Share(_caught, _frauds), Share(flagged - _caught, Payments - _frauds), Share(_caught, flagged),
                Round((double)_decisions[(int)Decision.Review] / days),
                _decisions[(int)Decision.Challenge], _decisions[(int)Decision.Decline],
                PerThousand(_cost), PerThousand(_approved), PerThousand(_byRates));
        }

        private double PerThousand(double cost) => Payments == 0 ? 0 : Round(cost * 1000 / Payments);

        private static double? Share(int some, int of) => of == 0 ? null : Round((double)some / of);

        private static double Round(double value) => Math.Round(value, Digits);
    }
}
