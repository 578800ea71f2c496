using CsCheck;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Tests.Core.Profiles;

/// <summary>Sources of applied offsets: topic, partition, and how often the topic was recreated.</summary>
public sealed class AppliedOffsetsTests
{
    [Test]
    public void SourceOf_AnyThereAndBack_IsTheSame() => Gen.Select(Gen.Int[0, 1], Gen.Int[0, 131_071], Gen.Int[0, 8_191]).Sample(
        (topic, partition, generation) =>
        {
            var source = AppliedOffsets.SourceOf(topic, partition, generation);
            return source >= 0 && AppliedOffsets.TopicOf(source) == topic && AppliedOffsets.PartitionOf(source) == partition
                && AppliedOffsets.GenerationOf(source) == generation;
        });

    [Test]
    public void SourceOf_TheFirstGeneration_IsTheNumberInProfilesOfEarlierReleases() =>
        Assert.That(AppliedOffsets.SourceOf(1, 5), Is.EqualTo(11));

    [Test]
    public void RemoveBefore_OfALaterGeneration_LeavesTheOtherTopicAndThatGeneration()
    {
        var applied = new AppliedOffsets();
        int[] sources =
        [
            AppliedOffsets.SourceOf(0, 3), AppliedOffsets.SourceOf(0, 4, 1), AppliedOffsets.SourceOf(0, 3, 2),
            AppliedOffsets.SourceOf(1, 3),
        ];
        Array.ForEach(sources, source => applied.Advance(source, 7));
        applied.RemoveBefore(sources[0]);
        Assert.That(applied.Count, Is.EqualTo(4));
        applied.RemoveBefore(sources[2]);
        Assert.That(applied.Items.ToArray(), Is.EquivalentTo(new[] { (sources[2], 7L), (sources[3], 7L) }));
    }
}
