using Confluent.Kafka;
using Confluent.Kafka.Admin;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>
/// A topic that is deleted and recreated begins with offset 0 again. All its records count, though the profiles have higher offsets of the
/// topic before it.
/// </summary>
public sealed class RecreatedTopicTests
{
    private const string Card = "card-recreated";

    private int _written;

    [Test]
    public async Task ARecreatedTopic_LongerOrShorter_IsReadFromItsBeginning()
    {
        var backends = Backends.Real();
        await backends.StartAsync();
        var kafka = await Servers.KafkaAsync();
        var topic = $"{backends.Prefix}recreated-{Guid.NewGuid():N}";
        await kafka.CreateTopicAsync(topic, 4);
        await using var service = await ServiceUnderTest.StartAsync(backends, ("Kafka:TransactionsTopic", topic));
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = backends.BootstrapServers }).Build();
        await WriteAsync(backends, topic, 5);
        await Eventually.IsTrueAsync(async () => await CountAsync(service) == 5);

        foreach (var payments in new[] { 8, 3 })
        {
            await admin.DeleteTopicsAsync([topic]);
            await RecreateAsync(admin, topic);
            await WriteAsync(backends, topic, payments);
            await Eventually.IsTrueAsync(async () => await CountAsync(service) == _written);
        }
        // That is no loss of Redis, which an alert would report.
        Assert.That(await service.MetricAsync($"fraud_rewinds_total{{topic=\"{topic}\"}}"), Is.Zero);
        Assert.That(await service.MetricAsync("fraud_history_missing_seconds"), Is.Zero);
        await Eventually.IsTrueAsync(async () => (await ShowAsync(service)).LagSeconds == 0);
    }

    private static async Task RecreateAsync(IAdminClient admin, string topic)
    {
        try
        {
            await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 4, ReplicationFactor = 1 }]);
        }
        catch (CreateTopicsException e) when (e.Results[0].Error.Code == ErrorCode.TopicAlreadyExists)
        {
            // The service's consumer looked for the topic, and so created it.
        }
    }

    private async Task WriteAsync(Backends backends, string topic, int payments)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = backends.BootstrapServers }).Build();
        for (var end = _written + payments; _written < end; _written++)
        {
            var payment = ServiceUnderTest.NewPayment($"recreated-{_written}", Card, TimeProvider.System.GetUtcNow().AddMinutes(-_written));
            await producer.ProduceAsync(topic, new Message<byte[], byte[]>
            {
                Key = "one partition"u8.ToArray(), Value = new TransactionEvent { Payment = payment }.ToByteArray(),
            });
        }
    }

    private static async Task<double> CountAsync(ServiceUnderTest service) =>
        (await ShowAsync(service)).Features.Single(feature => feature.Name == "card_count_24h").Value;

    private static async Task<ShowFeaturesResponse> ShowAsync(ServiceUnderTest service) =>
        await new FeatureService.FeatureServiceClient(service.GrpcChannel).ShowFeaturesAsync(
            new ShowFeaturesRequest { Entities = new EntityTokens { CardToken = Card } });
}
