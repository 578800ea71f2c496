using FraudScoring.Core.Statistics;

namespace FraudScoring.Tests.Core.Statistics;

public sealed class FairnessMetricsTests
{
    private readonly FairnessOracle _oracle = new();

    [TestCase("east")]
    [TestCase("north")]
    [TestCase("south")]
    [TestCase("tiny")]
    public void Rates_OraclesGroup_EqualTheFieldsTools(string name)
    {
        var group = _oracle.Groups[name];
        Assert.That(group.Count, Is.EqualTo(_oracle.Find(name, "count")));
        Assert.That(group.FlaggedRate, Is.EqualTo(_oracle.Find(name, "flagged_rate")).Within(1e-9));
        Assert.That(group.ApprovedRate, Is.EqualTo(1 - _oracle.Find(name, "flagged_rate")).Within(1e-9));
        Assert.That(group.FalsePositiveRate, Is.EqualTo(_oracle.Find(name, "false_positive_rate")).Within(1e-9));
        Assert.That(group.TruePositiveRate, Is.EqualTo(_oracle.Find(name, "true_positive_rate")).Within(1e-9));
        Assert.That(1 - group.TruePositiveRate, Is.EqualTo(_oracle.Find(name, "false_negative_rate")).Within(1e-9));
        Assert.That(new[] { group.FalsePositiveInterval.Low, group.FalsePositiveInterval.High }, Is.EqualTo(_oracle.IntervalOf(name))
            .Within(1e-9));
    }

    [Test]
    public void Differences_OraclesGroups_EqualTheFieldsTools()
    {
        var groups = _oracle.Groups.Values;
        Assert.That(FairnessMetrics.ParityRatioOfFlagged(groups), Is.EqualTo(_oracle["demographic_parity_ratio_of_flagged"]).Within(1e-9));
        Assert.That(FairnessMetrics.ParityRatioOfApproved(groups), Is.EqualTo(_oracle["demographic_parity_ratio_of_approved"])
            .Within(1e-9));
        Assert.That(FairnessMetrics.DemographicParityDifference(groups), Is.EqualTo(_oracle["demographic_parity_difference"]).Within(1e-9));
        Assert.That(FairnessMetrics.EqualOpportunityDifference(groups), Is.EqualTo(_oracle["equal_opportunity_difference"]).Within(1e-9));
        Assert.That(FairnessMetrics.EqualizedOddsDifference(groups), Is.EqualTo(_oracle["equalized_odds_difference"]).Within(1e-9));
    }

    [Test]
    public void Differences_GroupWithoutFrauds_TakesNoPartInWhatIsMeasuredOnFrauds()
    {
        GroupOutcomes[] groups = [new(8, 1, 99, 2), new(4, 2, 98, 6), new(0, 30, 70, 0)];
        Assert.That(FairnessMetrics.EqualOpportunityDifference(groups), Is.EqualTo(0.4).Within(1e-12));
        Assert.That(FairnessMetrics.FalsePositiveRateDifference(groups), Is.EqualTo(0.29).Within(1e-12));
        Assert.That(FairnessMetrics.EqualizedOddsDifference(groups), Is.EqualTo(0.4).Within(1e-12));
        Assert.That(FairnessMetrics.EqualizedOddsDifference([groups[2], new(0, 10, 90, 0)]), Is.EqualTo(0.2).Within(1e-12));
    }

    [Test]
    public void Ratios_NothingFlaggedAnywhere_AreAlike() =>
        Assert.That(FairnessMetrics.ParityRatioOfFlagged([new(0, 0, 10, 1), new(0, 0, 20, 0)]), Is.EqualTo(1));

    [Test]
    public void Wilson_ExtremeShares_StayWithinZeroAndOne()
    {
        Assert.That(WilsonInterval.Compute(0, 10).Low, Is.Zero);
        Assert.That(WilsonInterval.Compute(0, 10).High, Is.EqualTo(0.277533).Within(1e-6));
        Assert.That(WilsonInterval.Compute(10, 10).High, Is.EqualTo(1));
        Assert.That(WilsonInterval.Compute(0, 0).Low, Is.NaN);
        Assert.That(() => WilsonInterval.Compute(2, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => WilsonInterval.Compute(-1, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Wilson_DrawnShares_HoldTheTruthAsOftenAsTheySay()
    {
        var random = new Random(5);
        var held = 0;
        for (var i = 0; i < 2000; i++)
        {
            var (truth, trials) = (0.02 + (0.3 * random.NextDouble()), random.Next(100, 400));
            var successes = Enumerable.Range(0, trials).Count(_ => random.NextDouble() < truth);
            var interval = WilsonInterval.Compute(successes, trials);
            held += interval.Low <= truth && truth <= interval.High ? 1 : 0;
        }
        Assert.That(held / 2000.0, Is.EqualTo(0.95).Within(0.015));
    }
}
