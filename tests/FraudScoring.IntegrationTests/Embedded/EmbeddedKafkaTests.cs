using Confluent.Kafka;
using FraudScoring.Server.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.IntegrationTests.Embedded;

/// <summary>The documented features and limits of the embedded broker.</summary>
public sealed class EmbeddedKafkaTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private EmbeddedKafka _kafka = null!;

    [SetUp]
    public void Start() => _kafka = EmbeddedKafka.Start(NullLogger.Instance);

    [TearDown]
    public void Stop() => _kafka.Dispose();

    [Test]
    public void GetMetadata_UnknownTopic_CreatesIt()
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _kafka.BootstrapServers }).Build();
        var topic = admin.GetMetadata("new", Limit).Topics[0];
        Assert.That(topic.Error.IsError, Is.False);
        Assert.That(topic.Partitions, Has.Count.EqualTo(EmbeddedKafka.PartitionsPerTopic));
    }

    [Test]
    public async Task Consume_NextMemberOfGroup_GoesOnFromCommit()
    {
        using var producer = Producer();
        for (var i = 0; i < 10; i++)
        {
            await producer.ProduceAsync(new TopicPartition("t", 0), Record(i, 100));
        }
        using (var first = Consumer())
        {
            var record = await Task.Run(() => Read(first, 4));
            first.Commit(record);
            first.Close();
        }
        using var second = Consumer();
        var next = await Task.Run(() => Read(second, 1));
        Assert.That(next.Offset.Value, Is.EqualTo(4));
        Assert.That(next.Message.Headers.GetLastBytes("number"), Is.EqualTo(BitConverter.GetBytes(4)));
        second.Close();
    }

    [Test]
    public void Produce_MoreThanAPartitionKeeps_DropsTheOldestAndBoundsMemory()
    {
        using var producer = Producer();
        for (var i = 0; i < 120; i++)
        {
            producer.Produce(new TopicPartition("t", 0), Record(i, 100_000));
        }
        Assert.That(producer.Flush(Limit), Is.Zero);
        using var consumer = Consumer();
        var marks = consumer.QueryWatermarkOffsets(new TopicPartition("t", 0), Limit);
        Assert.That(marks.High.Value, Is.EqualTo(120));
        Assert.That(marks.High.Value - marks.Low.Value, Is.InRange(40, 60));
    }

    private static ConsumeResult<byte[], byte[]> Read(IConsumer<byte[], byte[]> consumer, int count)
    {
        consumer.Subscribe("t");
        for (; count > 1; count--)
        {
            consumer.Consume(Limit);
        }
        return consumer.Consume(Limit);
    }

    private static Message<byte[], byte[]> Record(int number, int bytes)
    {
        var value = new byte[bytes];
        new Random(number).NextBytes(value);
        return new Message<byte[], byte[]> { Value = value, Headers = [new Header("number", BitConverter.GetBytes(number))] };
    }

    private IProducer<byte[], byte[]> Producer() => new ProducerBuilder<byte[], byte[]>(
        new ProducerConfig { BootstrapServers = _kafka.BootstrapServers, EnableIdempotence = true }).Build();

    private IConsumer<byte[], byte[]> Consumer() => new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
    {
        BootstrapServers = _kafka.BootstrapServers,
        GroupId = "group",
        EnableAutoCommit = false,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        SessionTimeoutMs = 6000,
    }).Build();
}
