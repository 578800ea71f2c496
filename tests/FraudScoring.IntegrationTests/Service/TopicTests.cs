using Confluent.Kafka;
using Confluent.Kafka.Admin;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Deployments;
using FraudScoring.V1;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>Records and topics that are unusual but not wrong.</summary>
public sealed class TopicTests
{
    [Test]
    public async Task Run_PartitionsAddedTombstonesAndRecordsWithoutKey_CountEveryPaymentOnce()
    {
        var backends = Backends.Real();
        await backends.StartAsync();
        await using var service = await ServiceUnderTest.StartAsync(backends);
        var (topic, now) = (service.Kafka.Options.TransactionsTopic, TimeProvider.System.GetUtcNow());
        for (var i = 0; i < 5; i++)
        {
            await service.PublishAsync(ServiceUnderTest.NewPayment($"before-{i}", "card-added", now.AddMinutes(-50 + i)));
        }
        using (var admin = service.Kafka.Admin())
        {
            await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = 6 }]);
        }
        using var producer = service.Kafka.Producer(config => config.TopicMetadataRefreshIntervalMs = 200);
        for (var i = 0; i < 5; i++)
        {
            await ProduceAsync(producer, new TopicPartition(topic, 5), NewRecord($"after-{i}", now.AddMinutes(-40 + i)));
        }
        await producer.ProduceAsync(new TopicPartition(topic, 0), new Message<byte[], byte[]> { Key = "card-added"u8.ToArray() });
        await producer.ProduceAsync(new TopicPartition(service.Kafka.Options.LabelsTopic, 0), new Message<byte[], byte[]>());
        var keyless = NewRecord("keyless", now.AddMinutes(-30));
        await ProduceAsync(producer, new TopicPartition(topic, 1), keyless);

        await Eventually.IsTrueAsync(async () => await service.FeatureAsync(
            ServiceUnderTest.NewPayment($"probe-{Guid.NewGuid():N}", "card-added", now), "card_count_24h") == 11);
        var labels = service.Kafka.Options.LabelsTopic;
        await Eventually.IsTrueAsync(async () => await service.MetricAsync($"fraud_tombstones_total{{topic=\"{labels}\"}}") == 1);
        await Eventually.IsTrueAsync(async () => await service.MetricAsync($"fraud_tombstones_total{{topic=\"{topic}\"}}") == 1
            && await service.MetricAsync($"fraud_records_without_key_total{{topic=\"{topic}\"}}") == 6);
        Assert.That(await backends.ReadTopicAsync(service.Kafka.Options.DeadLetterTopic(topic)), Is.Empty);
    }

    /// <summary>Redis has forgotten the transaction. Only what the card's profile keeps individually is still recognised.</summary>
    [Test]
    public async Task Run_PaymentPublishedAgainAfterTheHorizon_CountsOnceWhileTheProfileKnowsIt_AndTwiceAfterwards()
    {
        var backends = Backends.Real();
        await backends.StartAsync();
        await using var service = await ServiceUnderTest.StartAsync(backends);
        var (topic, now) = (service.Kafka.Options.TransactionsTopic, TimeProvider.System.GetUtcNow());
        var keys = service.Services.GetRequiredService<DeploymentHost>().Current.Keys;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(backends.RedisConfiguration);
        var copies = $"fraud_late_duplicate_events_total{{topic=\"{topic}\"}}";
        var first = ServiceUnderTest.NewPayment("again", "card-again", now.AddMinutes(-50));

        await PublishAfterTheHorizonAsync();
        await Eventually.IsTrueAsync(async () => await CountAsync() == 1);
        await PublishAfterTheHorizonAsync();
        await Eventually.IsTrueAsync(async () => await service.MetricAsync(copies) == 1);
        Assert.That(await CountAsync(), Is.EqualTo(1));

        var kept = service.Catalogue.Entities[0].RecentCapacity;
        for (var i = 0; i < kept; i++)
        {
            await service.PublishAsync(ServiceUnderTest.NewPayment($"newer-{i}", "card-again", now.AddMinutes(-40).AddSeconds(i)));
        }
        await Eventually.IsTrueAsync(async () => await CountAsync() == kept + 1);
        await PublishAfterTheHorizonAsync();
        await Eventually.IsTrueAsync(async () => await CountAsync() == kept + 2);

        async Task PublishAfterTheHorizonAsync()
        {
            await redis.GetDatabase().KeyDeleteAsync(keys.Transaction(keys.HashTransaction("again")));
            await service.PublishAsync(first);
        }

        async Task<float> CountAsync() => await service.FeatureAsync(
            ServiceUnderTest.NewPayment($"probe-{Guid.NewGuid():N}", "card-again", now), "card_count_24h");
    }

    private static Message<byte[], byte[]> NewRecord(string id, DateTimeOffset at) =>
        new() { Value = new TransactionEvent { Payment = ServiceUnderTest.NewPayment(id, "card-added", at) }.ToByteArray() };

    // A client learns of new partitions only with its next metadata.
    private static Task ProduceAsync(IProducer<byte[], byte[]> producer, TopicPartition partition, Message<byte[], byte[]> record) =>
        Eventually.IsTrueAsync(async () =>
        {
            try
            {
                await producer.ProduceAsync(partition, record);
                return true;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_UnknownPartition)
            {
                return false;
            }
        });
}
