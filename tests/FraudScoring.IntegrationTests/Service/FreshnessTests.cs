using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.V1;
using Google.Protobuf;
using Timestamp = Confluent.Kafka.Timestamp;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>
/// Features are stale when records of the topic are not in the profiles, whichever instance reads them, and only then. Stale here means
/// after 5 s, the least that can be configured.
/// </summary>
public sealed class FreshnessTests
{
    private static readonly TimeSpan LongerThanStale = TimeSpan.FromSeconds(6);

    private Backends _backends = null!;
    private string _topic = "";

    private (string Key, string Value)[] Settings => [("Kafka:TransactionsTopic", _topic), ("Scoring:StaleAfterSeconds", "5")];

    [SetUp]
    public async Task StartAsync()
    {
        _backends = Backends.Real();
        await _backends.StartAsync();
        _topic = $"{_backends.Prefix}fresh-{Guid.NewGuid():N}";
        // Newer brokers refuse timestamps far ahead; older ones store any.
        await (await Servers.KafkaAsync()).CreateTopicAsync(
            _topic, 1, new Dictionary<string, string> { ["message.timestamp.after.max.ms"] = $"{long.MaxValue}" });
    }

    [Test]
    public async Task Score_OnAnInstanceWithoutPartitions_IsFreshWhileAnotherReads_AndStaleWhenThatStops()
    {
        // The client id decides which of the two is assigned the only partition.
        await using var reader = await ServiceProcess.StartAsync(_backends, "a-reader", Settings);
        await using var standby = await ServiceUnderTest.StartAsync(_backends, Settings);
        await Eventually.IsTrueAsync(async () => await LagAsync(standby) == 0);
        await AssertFreshAsync(standby, LongerThanStale);
        await Eventually.IsTrueAsync(async () => await LagAsync(standby) == 0);
        Assert.That(await standby.MetricAsync($"fraud_stream_applied_until_timestamp_seconds{{topic=\"{_topic}\",partition=\"0\"}}"),
            Is.EqualTo(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()).Within(5));

        reader.Freeze();
        var clock = Stopwatch.StartNew();
        while (!await IsStaleAsync(standby))
        {
            // With timestamps of now, which must not hide that nobody applies the records.
            await standby.PublishAsync(ServiceUnderTest.NewPayment($"unread-{Guid.NewGuid():N}", "card-unread"));
            Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)), "the partition is not assigned to another for 10 s");
        }
        // The gauge is set once a second.
        await Eventually.IsTrueAsync(
            async () => await standby.MetricAsync($"fraud_stream_lag_seconds{{topic=\"{_topic}\",partition=\"0\"}}") > 4);
        // The broker gives the partition to the standby.
        await Eventually.IsTrueAsync(async () => !await IsStaleAsync(standby));
        Assert.That(await standby.MetricAsync($"fraud_stream_remaining_records{{topic=\"{_topic}\",partition=\"0\"}}"), Is.Zero);
    }

    [Test]
    public async Task Score_TransactionsAndOddTimestamps_IsFreshThroughout()
    {
        await using var service = await ServiceUnderTest.StartAsync(_backends, Settings);
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = _backends.BootstrapServers, TransactionalId = _topic,
        }).Build();
        producer.InitTransactions(TimeSpan.FromSeconds(60));
        await ProduceAsync(producer, "committed", producer.CommitTransaction);
        await Eventually.IsTrueAsync(async () => await CountAsync(service, "committed") == 1);
        // A commit marker takes the last offset of the quiet topic.
        await AssertFreshAsync(service, LongerThanStale);
        await Eventually.IsTrueAsync(async () => (await LagAsync(service), await RemainingAsync(service)) == (0d, 0d));

        await ProduceAsync(producer, "aborted", () => { });
        await AssertFreshAsync(service, LongerThanStale);
        producer.AbortTransaction();

        var nowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        long[] timestamps = [nowMs - 600_000, nowMs * 1000, -1];
        foreach (var timestamp in timestamps)
        {
            await ProduceAsync(producer, "odd", producer.CommitTransaction, timestamp);
        }
        await AssertFreshAsync(service, LongerThanStale);
        Assert.That((await CountAsync(service, "odd"), await CountAsync(service, "aborted")), Is.EqualTo((3d, 0d)));
        await Eventually.IsTrueAsync(async () => (await LagAsync(service), await RemainingAsync(service)) == (0d, 0d));
    }

    private async Task ProduceAsync(IProducer<byte[], byte[]> producer, string card, Action end, long? timestampMs = null)
    {
        producer.BeginTransaction();
        await producer.ProduceAsync(_topic, new Message<byte[], byte[]>
        {
            Key = Encoding.UTF8.GetBytes(card),
            Value = new TransactionEvent { Payment = ServiceUnderTest.NewPayment($"{card}-{Guid.NewGuid():N}", card) }.ToByteArray(),
            Timestamp = timestampMs is { } ms ? new Timestamp(ms, TimestampType.CreateTime) : Timestamp.Default,
        });
        end();
    }

    private static async Task AssertFreshAsync(ServiceUnderTest service, TimeSpan duration)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < duration;)
        {
            Assert.That(await IsStaleAsync(service), Is.False, $"after {clock.Elapsed}");
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    private static async Task<bool> IsStaleAsync(ServiceUnderTest service)
    {
        var request = new ScoreRequest { Payment = ServiceUnderTest.NewPayment($"fresh-{Guid.NewGuid():N}") };
        var answer = await service.Scoring.ScoreAsync(request);
        return answer.Assessment.Degradations.Contains(Degradation.StaleFeatures);
    }

    private static async Task<double> LagAsync(ServiceUnderTest service) => (await ShowAsync(service, "card-1")).LagSeconds;

    private static async Task<double> CountAsync(ServiceUnderTest service, string card) =>
        (await ShowAsync(service, card)).Features.Single(feature => feature.Name == "card_count_24h").Value;

    private Task<double> RemainingAsync(ServiceUnderTest service) =>
        service.MetricAsync($"fraud_stream_remaining_records{{topic=\"{_topic}\",partition=\"0\"}}");

    private static async Task<ShowFeaturesResponse> ShowAsync(ServiceUnderTest service, string card) =>
        await new FeatureService.FeatureServiceClient(service.GrpcChannel).ShowFeaturesAsync(
            new ShowFeaturesRequest { Entities = new EntityTokens { CardToken = card } });
}
