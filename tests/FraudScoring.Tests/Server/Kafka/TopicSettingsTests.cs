using FraudScoring.Server.Kafka;

namespace FraudScoring.Tests.Server.Kafka;

public sealed class TopicSettingsTests
{
    private static readonly TimeSpan Window = TimeSpan.FromDays(90);

    [TestCase("compact")]
    [TestCase("compact,delete")]
    public void Check_CompactedTopic_IsAFaultWithItsRemedy(string policy)
    {
        var finding = Check(("cleanup.policy", policy)).Single();
        Assert.That(finding.IsFault, Is.True);
        Assert.That(finding.Text, Does.Contain("topic tx is compacted").And.Contain("--entity-name tx --add-config cleanup.policy=delete"));
    }

    [Test]
    public void Check_ShorterThanTheLongestWindow_NamesBothDurationsAndTheRemedy()
    {
        var finding = Check(("retention.ms", "604800000")).Single();
        Assert.That(finding.IsFault, Is.False);
        Assert.That(finding.Text, Does.Contain("keeps records for 7 days").And.Contain("look back 90 days").And.Contain(
            "retention.ms=7776000000"));
    }

    [Test]
    public void Check_LimitedBySize_NamesTheLimit() => Assert.That(Check(("retention.bytes", "1073741824")).Single(),
        Has.Property("IsFault").False.And.Property("Text").Contains("1073741824").And.Property("Text").Contains("retention.bytes=-1"));

    [Test]
    public void Check_EndlessOrLongEnoughOrUnknown_FindsNothing()
    {
        Assert.That(Check(("cleanup.policy", "delete"), ("retention.ms", "-1"), ("retention.bytes", "-1")), Is.Empty);
        Assert.That(Check(("retention.ms", "7776000000")), Is.Empty);
        Assert.That(Check(), Is.Empty);
    }

    private static List<TopicFinding> Check(params (string Name, string Value)[] settings) =>
        [.. TopicSettings.Check("tx", name => settings.FirstOrDefault(setting => setting.Name == name).Value, Window)];
}
