using Confluent.Kafka;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using FraudScoring.V1;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using FeatureState = FraudScoring.V1.FeatureState;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>
/// Redis loses data that Kafka has deleted: the features lack it, and say so for as long as a window reaches there. A log that only begins
/// late is no loss.
/// </summary>
public sealed class MissingHistoryTests
{
    private const string Card = "card-missing";

    private readonly DateTimeOffset _start = TimeProvider.System.GetUtcNow().AddMinutes(-100);
    private Backends _backends = null!;
    private RedisServer _redis = null!;
    private string _topic = "";
    private int _written;

    [SetUp]
    public async Task StartAsync()
    {
        _backends = Backends.Real();
        await _backends.StartKafkaAsync();
        _redis = await RedisServer.StartNewAsync(RedisPersistence.None);
        (_topic, _written) = ($"{_backends.Prefix}missing-{Guid.NewGuid():N}", 0);
        await (await Servers.KafkaAsync()).CreateTopicAsync(_topic, 1);
    }

    [TearDown]
    public async Task StopAsync() => await _redis.DisposeAsync();

    [Test]
    public async Task RecordsThatRedisAndKafkaLost_AreReported_UnlikeALogThatBeginsLate()
    {
        // A new installation: the log has lost its beginning before the topic is read for the first time.
        await WriteAsync(30);
        await DeleteBeforeAsync(10);
        var service = await StartServiceAsync();
        try
        {
            await AssertAsync(service, count: 20, Degradation.None);
            await Eventually.IsTrueAsync(async () => (await ShowAsync(service)).HistorySince?.ToDateTimeOffset() == EventTime(10));
            Assert.That(await service.MetricAsync("fraud_history_since_timestamp_seconds"),
                Is.EqualTo(EventTime(10).ToUnixTimeMilliseconds() / 1000.0));
            Assert.That(await service.MetricAsync("fraud_history_missing_seconds"), Is.Zero);

            // The whole log is gone, while the service runs.
            await UntilCommittedAsync(service);
            await DeleteBeforeAsync(30);
            await _redis.FlushAllAsync();
            await AssertAsync(service, count: 0, Degradation.StaleFeatures);
            await Eventually.IsTrueAsync(async () => (await GapAsync(service))?.EndMs is not null, "without a record");
            await WriteAsync(20);
            await AssertAsync(service, count: 20, Degradation.StaleFeatures);
            var show = await ShowAsync(service);
            Assert.That(StateOf(show, "card_count_24h"), Is.EqualTo(FeatureState.Stale));
            Assert.That(StateOf(show, "card_attempts_10m"), Is.Not.EqualTo(FeatureState.Stale), "it does not come from the log");
            Assert.That(await service.MetricAsync("fraud_history_missing_seconds"), Is.GreaterThan(TimeSpan.FromDays(1).TotalSeconds));
            Assert.That(await service.Http.GetStringAsync("/health/ready"), Does.Contain("\"ready\"").And.Contain("history_missing"));

            // A part of the log is gone, while the service is down.
            await UntilCommittedAsync(service);
            await service.DisposeAsync();
            await DeleteBeforeAsync(45);
            await _redis.FlushAllAsync();
            service = await StartServiceAsync();
            await AssertAsync(service, count: 5, Degradation.StaleFeatures);
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    /// <summary>Retention overtakes a consumer that runs: here, one that waits for an open transaction.</summary>
    [Test]
    public async Task RecordsThatKafkaDeleted_BeforeARunningConsumerReadThem_AreReported()
    {
        await using var service = await StartServiceAsync();
        await WriteAsync(5);
        await AssertAsync(service, count: 5, Degradation.None);
        await UntilCommittedAsync(service);
        using var producer = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = _backends.BootstrapServers, TransactionalId = _topic }).Build();
        await Task.Run(() => producer.InitTransactions(TimeSpan.FromSeconds(30)));
        producer.BeginTransaction();
        await WriteAsync(10, producer);
        await DeleteBeforeAsync(10);
        await Task.Run(() => producer.CommitTransaction());

        await AssertAsync(service, count: 10, Degradation.StaleFeatures);
        Assert.That(await service.Http.GetStringAsync("/health/ready"), Does.Contain("history_missing"));
    }

    private DateTimeOffset EventTime(int payment) =>
        DateTimeOffset.FromUnixTimeMilliseconds(_start.AddMinutes(payment).ToUnixTimeMilliseconds());

    private Task<ServiceUnderTest> StartServiceAsync() => ServiceUnderTest.StartAsync(
        _backends, ("Redis:Configuration", _redis.Configuration), ("Kafka:TransactionsTopic", _topic), ("Kafka:GroupId", _topic));

    private async Task WriteAsync(int payments)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = _backends.BootstrapServers }).Build();
        await WriteAsync(payments, producer);
    }

    private async Task WriteAsync(int payments, IProducer<byte[], byte[]> producer)
    {
        for (var end = _written + payments; _written < end; _written++)
        {
            var payment = ServiceUnderTest.NewPayment($"missing-{_written}", Card, EventTime(_written));
            await producer.ProduceAsync(
                _topic, new Message<byte[], byte[]> { Value = new TransactionEvent { Payment = payment }.ToByteArray() });
        }
    }

    private async Task DeleteBeforeAsync(long offset)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _backends.BootstrapServers }).Build();
        await admin.DeleteRecordsAsync([new TopicPartitionOffset(_topic, 0, offset)]);
    }

    /// <summary>Waits until the group has committed all records, which is what tells a loss from a new installation.</summary>
    private Task UntilCommittedAsync(ServiceUnderTest service) => Eventually.IsTrueAsync(async () =>
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _backends.BootstrapServers }).Build();
        var group = new ConsumerGroupTopicPartitions(
            $"{_topic}-{service.Catalogue.LayoutHash}-{_topic}", [new TopicPartition(_topic, 0)]);
        var offsets = await admin.ListConsumerGroupOffsetsAsync([group]);
        return offsets[0].Partitions[0].Offset.Value == _written;
    });

    /// <summary>Waits until the card has this number of payments, and scores have this degradation.</summary>
    private static Task AssertAsync(ServiceUnderTest service, int count, Degradation degradation) => Eventually.IsTrueAsync(async () =>
    {
        var payment = ServiceUnderTest.NewPayment($"probe-{Guid.NewGuid():N}", "card-probe");
        var scored = (await service.Scoring.ScoreAsync(new ScoreRequest { Payment = payment })).Assessment.Degradation;
        var shown = (await ShowAsync(service)).Features.Single(feature => feature.Name == "card_count_24h").Value;
        return (shown, scored) == (count, degradation);
    });

    private async Task<HistoryGap?> GapAsync(ServiceUnderTest service)
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        var keys = service.Services.GetRequiredService<DeploymentHost>().Current.Keys;
        var gap = await client.GetDatabase().HashGetAsync(keys.History, HistoryGaps.GapField + "0");
        return gap.IsNull ? null : HistoryGap.Parse(gap);
    }

    private static FeatureState StateOf(ShowFeaturesResponse show, string feature) =>
        show.Features.Single(found => found.Name == feature).State;

    private static async Task<ShowFeaturesResponse> ShowAsync(ServiceUnderTest service) =>
        await new FeatureService.FeatureServiceClient(service.GrpcChannel).ShowFeaturesAsync(
            new ShowFeaturesRequest { Entities = new EntityTokens { CardToken = Card } });
}
