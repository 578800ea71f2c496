using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation;
using FraudScoring.Training.Export;

namespace FraudScoring.Tests.Training.Evaluation;

public sealed class OperatingTableTests
{
    private static readonly DecisionCosts Costs = new();

    [Test]
    public void Rows_HandMadePayments_AreCountedAndPricedAsByHand()
    {
        var plan = new ThresholdPlan(0.5, 0.6, 0.7) { By = "country", Segments = [new("DE", 0, 0.1, 0.2, 0.3)] };
        (double Probability, bool Fraud, string Country, int Day)[] payments =
        [
            (0.15, false, "DE", 1), (0.25, true, "DE", 1), (0.05, true, "DE", 2), (0.95, false, "FR", 2), (0.4, true, "FR", 2),
        ];
        var rows = new OperatingTable(plan, Costs, new Thresholds(0.1, 0.1, 0.1), TestPayments.Euro).Rows(
            [.. payments.Select(p => p.Probability)], payments.Select(p => p.Fraud ? 1f : 0).ToArray(),
            [.. payments.Select(p => new TestPayment(p.Day, 1) { Traits = new PaymentTraits(Channel.Atm, 0, p.Country, 10_000) })]);
        var (bad, good) = (Costs.Compute(100, fraud: true), Costs.Compute(100, fraud: false));
        Assert.That(rows.Select(row => row.Segment), Is.EqualTo(new[] { "all", "DE, from 0", "others" }));
        Assert.That(rows.Select(row => (row.Payments, row.Frauds)), Is.EqualTo(new[] { (5, 3), (3, 2), (2, 1) }));
        Assert.That(rows.Select(row => (row.FraudsCaught, row.FalsePositiveRate, row.Precision)),
            Is.EqualTo(new (double?, double?, double?)[] { (0.333333, 1, 0.333333), (0.5, 1, 0.5), (0, 1, 0) }));
        Assert.That(rows.Select(row => (row.ReviewsPerDay, row.Challenges, row.Declines)),
            Is.EqualTo(new[] { (0.5, 1, 1), (0.5, 1, 0), (0, 0, 1) }));
        Assert.That(rows[1].CostPerThousand, Is.EqualTo((good.Review + bad.Challenge + bad.Approve) * 1000 / 3).Within(1e-5));
        Assert.That(rows[0].CostPerThousandApproved, Is.EqualTo(3 * bad.Approve * 1000 / 5).Within(1e-5));
        Assert.That(rows[0].CostPerThousandByRates, Is.EqualTo((good.Decline + bad.Approve + good.Decline) * 1000 / 5).Within(1e-5));
    }

    [Test]
    public void Rows_NoFraudsOrNoneFlagged_LeaveSharesOpen()
    {
        var plan = new ThresholdPlan(0.5, 0.6, 0.7);
        var row = new OperatingTable(plan, Costs, plan.Default(), TestPayments.Euro).Rows([0.1], new float[1], [default]).Single();
        Assert.That((row.FraudsCaught, row.FalsePositiveRate, row.Precision), Is.EqualTo(((double?)null, (double?)0, (double?)null)));
        Assert.That(OperatingCells.Create(row), Has.Length.EqualTo(OperatingCells.Heads.Count));
    }
}
