using Confluent.Kafka;
using FraudScoring.Server.Streams;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Server.Streams;

/// <summary>Whether a log reaches back as far as the features of an entity.</summary>
public sealed class LogStartsTests
{
    private const long Now = EventStreams.StartMs;
    private static readonly TopicPartition Payments = new("payments", 3), Labels = new("labels", 1);

    [TestCase(false, 0, 1, false, TestName = "FindLate_ALogThatHasLostNothing_IsWhole")]
    [TestCase(false, 7, 1, true, TestName = "FindLate_PaymentsAreGone_OfTheTimeThatFeaturesLookBack")]
    [TestCase(false, 7, 1_000, false, TestName = "FindLate_OnlyOlderPaymentsAreGone")]
    [TestCase(false, 7, null, true, TestName = "FindLate_AllPaymentsAreGone")]
    [TestCase(true, 7, 1, true, TestName = "FindLate_LabelsAreGone_OfTheTimeThatFeaturesLookBack")]
    [TestCase(true, 7, 1_000, false, TestName = "FindLate_OnlyOlderLabelsAreGone")]
    public void FindLate(bool isLabels, long offset, int? firstDaysAgo, bool expected)
    {
        var (starts, partition) = (new LogStarts(), isLabels ? Labels : Payments);
        starts.Add(partition, isLabels, offset);
        if (firstDaysAgo is { } days)
        {
            starts.Note(partition, Now - (days * FraudScoring.Core.Payments.MillisecondsPer.Day));
            starts.Note(partition, Now - (2_000 * FraudScoring.Core.Payments.MillisecondsPer.Day));
        }
        var plan = TestCatalogues.Served.Entities.First(entity => entity.KeepsLabels);
        Assert.That(starts.FindLate(plan, Now), Is.EqualTo(expected ? new TopicPartitionOffset(partition, offset) : null));
    }

    [Test]
    public void FindLate_AnEntityWithoutLabels_NeedsNone()
    {
        var starts = new LogStarts();
        starts.Add(Labels, isLabels: true, 7);
        Assert.That(starts.FindLate(TestCatalogues.Served.Entities.First(entity => !entity.KeepsLabels), Now), Is.Null);
    }
}
