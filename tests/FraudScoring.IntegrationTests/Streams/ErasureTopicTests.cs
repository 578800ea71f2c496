using Confluent.Kafka;
using Confluent.Kafka.Admin;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Kafka;

namespace FraudScoring.IntegrationTests.Streams;

public sealed class ErasureTopicTests
{
    /// <summary>Otherwise the next write would let the broker create it, without compaction.</summary>
    [Test]
    public async Task EnsureAsync_TheTopicWasDeletedSince_CreatesItCompacted()
    {
        var backends = Backends.Real();
        await backends.StartKafkaAsync();
        var name = $"{backends.Prefix}erasures-{Guid.NewGuid():N}";
        using var clients = backends.Clients(new KafkaOptions { ErasuresTopic = name });
        using var topic = new ErasureTopic(clients);
        using var admin = clients.Admin();
        await topic.EnsureAsync();
        await admin.DeleteTopicsAsync([name]);
        await Eventually.IsTrueAsync(async () => await topic.FindAsync(admin) == ErrorCode.UnknownTopicOrPart);

        await topic.EnsureAsync();
        await Eventually.IsTrueAsync(async () => await topic.FindAsync(admin) == ErrorCode.NoError);
        var configs = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = name }]);
        Assert.That(configs[0].Entries["cleanup.policy"].Value, Is.EqualTo("compact"));
    }
}
