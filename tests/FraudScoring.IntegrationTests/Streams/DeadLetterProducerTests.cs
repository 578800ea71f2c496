using System.Text;
using Confluent.Kafka;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Spool;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.IntegrationTests.Streams;

[TestFixtureSource(typeof(Backends), nameof(Backends.Both))]
public sealed class DeadLetterProducerTests(Backends backends)
{
    private static readonly KafkaOptions Options = new();

    [OneTimeSetUp]
    public Task Start() => backends.StartKafkaAsync();

    [Test]
    public async Task PublishAsync_ARecord_ArrivesUnchangedWithReasonAndOrigin()
    {
        var topic = await backends.TopicAsync("source");
        await backends.TopicAsync("source" + Options.DeadLetterSuffix);
        var record = Record(topic, partition: 2, offset: 41, [1, 2, 3], [0, 255, 10]);
        record.Message.Headers = [new Header("trace", [9])];
        var count = ServerMetrics.DeadLetters.WithLabels(topic, "test").Value;
        await using (var producer = Producer())
        {
            await producer.PublishAsync(record, "test", "undecodable", CancellationToken.None);
        }

        var letters = await backends.ReadTopicAsync(topic + ".dead-letter");
        Assert.That(letters, Has.Count.EqualTo(1));
        var letter = letters[0].Message;
        Assert.That(letter.Key, Is.EqualTo(record.Message.Key));
        Assert.That(letter.Value, Is.EqualTo(record.Message.Value));
        Assert.That(letter.Headers.GetLastBytes("trace"), Is.EqualTo(new byte[] { 9 }));
        Assert.That(Text(letter, "dead-letter-reason"), Is.EqualTo("undecodable"));
        Assert.That(Text(letter, "dead-letter-topic"), Is.EqualTo(topic));
        Assert.That(Text(letter, "dead-letter-partition"), Is.EqualTo("2"));
        Assert.That(Text(letter, "dead-letter-offset"), Is.EqualTo("41"));
        Assert.That(Text(letter, "dead-letter-time"), Is.EqualTo("2026-01-02T03:04:05.0000000Z"));
        Assert.That(ServerMetrics.DeadLetters.WithLabels(topic, "test").Value - count, Is.EqualTo(1));
    }

    [Test]
    public async Task PublishAsync_NoKeyNoValueNoHeaders_ArrivesSo()
    {
        var topic = await backends.TopicAsync("bare");
        await backends.TopicAsync("bare" + Options.DeadLetterSuffix);
        await using (var producer = Producer())
        {
            await producer.PublishAsync(Record(topic, 0, 0, null, null), "test", "empty", CancellationToken.None);
        }
        var letter = (await backends.ReadTopicAsync(topic + ".dead-letter")).Single().Message;
        Assert.That(letter.Key, Is.Null);
        Assert.That(letter.Value, Is.Null);
        Assert.That(letter.Headers.Select(header => header.Key), Has.All.StartsWith("dead-letter-"));
    }

    [Test]
    public async Task PublishAsync_RecordOverTheBrokersLimit_ArrivesWithoutItsValue()
    {
        var topic = await backends.TopicAsync("large");
        await backends.TopicAsync("large" + Options.DeadLetterSuffix);
        var value = new byte[2_000_000];
        new Random(1).NextBytes(value);
        await using (var producer = Producer())
        {
            await producer.PublishAsync(Record(topic, 0, 7, [1], value), "test", "undecodable", CancellationToken.None);
        }
        var letter = (await backends.ReadTopicAsync(topic + ".dead-letter")).Single().Message;
        if (backends.Embedded)
        {
            Assert.That(letter.Value, Is.EqualTo(value), "the embedded broker has no limit");
            return;
        }
        Assert.That(letter.Value, Is.Null);
        Assert.That(Text(letter, "dead-letter-omitted-bytes"), Is.EqualTo("2000000"));
        Assert.That(Text(letter, "dead-letter-offset"), Is.EqualTo("7"));
    }

    [Test]
    public async Task PublishAsync_NoBroker_TriesUntilCancelled()
    {
        var options = new KafkaOptions { DeliveryTimeoutSeconds = 1 };
        using var clients = new KafkaClients(options with { BootstrapServers = $"127.0.0.1:{Ports.Free()}" }, NullLoggerFactory.Instance);
        clients.Open();
        await using var producer = new DeadLetterProducer(
            clients, new SpoolOptions(), TimeProvider.System, NullLogger<DeadLetterProducer>.Instance);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        await Assert.ThatAsync(
            () => producer.PublishAsync(Record("t", 0, 0, [1], [1]), "test", "undecodable", stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    private static ConsumeResult<byte[], byte[]> Record(string topic, int partition, long offset, byte[]? key, byte[]? value) => new()
    {
        TopicPartitionOffset = new TopicPartitionOffset(topic, partition, offset),
        Message = new Message<byte[], byte[]> { Key = key!, Value = value! },
    };

    private static string Text(Message<byte[], byte[]> letter, string header) =>
        Encoding.UTF8.GetString(letter.Headers.GetLastBytes(header));

    private DeadLetterProducer Producer() => new(
        backends.Clients(Options),
        new SpoolOptions(),
        new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)),
        NullLogger<DeadLetterProducer>.Instance);
}
