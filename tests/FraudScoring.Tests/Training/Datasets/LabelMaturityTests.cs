using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Training.Datasets;
using FraudScoring.V1;
using Label = FraudScoring.Core.Payments.Label;

namespace FraudScoring.Tests.Training.Datasets;

public sealed class LabelMaturityTests
{
    private const long Day = MillisecondsPer.Day;
    private const long FirstDay = 17_622;

    [Test]
    public void Estimate_LabelsCutOffAtTheEnd_LeavesOutAndNamesTheImmatureDays()
    {
        var random = new Random(1);
        var maturity = Of(80, 0.95, _ => (long)(-Math.Log(1 - random.NextDouble()) * 4 * Day), cutOff: true);
        var days = maturity.DelayMs!.Value / (double)Day;
        Assert.That(days, Is.EqualTo(-Math.Log(0.05) * 4).Within(2));
        Assert.That(maturity.ExcludedDays, Is.EqualTo((int)Math.Ceiling(days)));
        Assert.That(maturity.PaymentsEndMs, Is.EqualTo((FirstDay + 80) * Day));
        Assert.That(maturity.Describe(), Does.StartWith("95 % of the frauds are labelled within ")
            .And.Contain($"{maturity.ExcludedDays} days, {maturity.ExcludedFrom} to 2018-06-19, are left out"));
    }

    [Test]
    public void Estimate_HigherShare_LeavesOutMore()
    {
        int Excluded(double share)
        {
            var random = new Random(2);
            return Of(80, share, _ => (long)(-Math.Log(1 - random.NextDouble()) * 4 * Day), cutOff: true).ExcludedDays;
        }
        Assert.That(Excluded(0), Is.Zero);
        Assert.That(Excluded(0.5), Is.GreaterThan(0).And.LessThan(Excluded(0.95)));
    }

    [Test]
    public void Estimate_LogThatGoesOnUntilAllAreLabelled_LeavesNothingOut()
    {
        var random = new Random(3);
        var maturity = Of(80, 0.95, _ => (long)(-Math.Log(1 - random.NextDouble()) * 4 * Day), cutOff: false);
        Assert.That((maturity.ExcludedDays, maturity.ExcludedFrom), Is.EqualTo((0, (string?)null)));
        Assert.That(maturity.Describe(), Does.Contain("the labels of all days are mature"));
    }

    [TestCase(0, false)]
    [TestCase(0, true)]
    [TestCase(7 * Day, false)]
    public void Estimate_AllDelaysEqual_KnowsTheDelayAndLeavesNothingOut(long delay, bool cutOff)
    {
        var maturity = Of(40, 0.95, _ => delay, cutOff);
        Assert.That((maturity.DelayMs, maturity.ExcludedDays), Is.EqualTo(((long?)delay, 0)));
    }

    [Test]
    public void Estimate_AllDelaysEqualAndCutOff_LeavesOutThatLong()
    {
        var maturity = Of(40, 0.95, _ => 7 * Day, cutOff: true);
        Assert.That((maturity.DelayMs, maturity.ExcludedDays, maturity.ExcludedFrom),
            Is.EqualTo(((long?)(7 * Day), 7, "2018-05-04")));
    }

    [Test]
    public void Estimate_FewOrNoFrauds_SaysSoAndLeavesNothingOut()
    {
        var few = LabelMaturity.Estimate(LabelBook.Create(Log(20, 1, _ => 0).Take(30)), 0.95);
        Assert.That((few.DelayMs, few.ExcludedDays), Is.EqualTo(((long?)null, 0)));
        Assert.That(few.Describe(), Does.Contain("too few to estimate how long labels take (20 needed): no days are left out"));
        var none = LabelMaturity.Estimate(LabelBook.Create(Log(20, 8, _ => 0).Where(record => record.Label is null)), 0.95);
        Assert.That(none.Describe(), Does.StartWith("0 frauds have labels"));
        Assert.That(LabelMaturity.Estimate(LabelBook.Create([]), 0.95).ExcludedDays, Is.Zero);
    }

    [Test]
    public void Estimate_LabelsOfLegitimatePayments_DoNotCount()
    {
        var random = new Random(4);
        var log = Log(80, 8, _ => (long)(-Math.Log(1 - random.NextDouble()) * 4 * Day)).ToList();
        var end = (FirstDay + 80) * Day;
        log.RemoveAll(record => record.Label is { } label && label.LabelTime.ToDateTimeOffset().ToUnixTimeMilliseconds() >= end);
        var fraudsOnly = LabelMaturity.Estimate(LabelBook.Create(log), 0.95);
        // Every other payment is known to be legitimate in the moment it is made.
        var known = Enumerable.Range(0, 5000).Select(i => new EventLogRecord
        {
            Label = EventWriter.ToProto(new Label
            {
                TransactionId = $"legitimate-{i}", EventTimeMs = (FirstDay * Day) + i, LabelTimeMs = (FirstDay * Day) + i, Fraud = false,
            }),
        });
        Assert.That(LabelMaturity.Estimate(LabelBook.Create([.. log, .. known]), 0.95), Is.EqualTo(fraudsOnly));
    }

    [Test]
    public void Estimate_LabelsBeforeTheirPayments_CountAsKnownWithThem() =>
        Assert.That(Of(40, 0.95, _ => -Day, cutOff: false).DelayMs, Is.Zero);

    private static LabelMaturity Of(int days, double share, Func<int, long> delay, bool cutOff)
    {
        var end = (FirstDay + days) * Day;
        return LabelMaturity.Estimate(LabelBook.Create(Log(days, 8, delay).Where(record =>
            !cutOff || record.Label is not { } label || label.LabelTime.ToDateTimeOffset().ToUnixTimeMilliseconds() < end)), share);
    }

    /// <summary>Payments every three hours, all of them frauds, from 2018-04-01 on.</summary>
    private static IEnumerable<EventLogRecord> Log(int days, int perDay, Func<int, long> delay)
    {
        for (var i = 0; i < days * perDay; i++)
        {
            var time = (FirstDay * Day) + (i * Day / perDay);
            yield return new EventLogRecord
            {
                Transaction = new TransactionEvent { Payment = EventWriter.ToProto(TestPayments.Create($"t{i}", time)) },
            };
            yield return new EventLogRecord
            {
                Label = EventWriter.ToProto(new Label { TransactionId = $"t{i}", EventTimeMs = time, LabelTimeMs = time + delay(i), Fraud = true }),
            };
        }
    }
}
