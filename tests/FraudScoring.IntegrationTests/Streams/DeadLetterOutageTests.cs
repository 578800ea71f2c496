using Confluent.Kafka;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Spool;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.IntegrationTests.Streams;

public sealed class DeadLetterOutageTests
{
    [Test]
    public async Task PublishAsync_NoBroker_GivesUpAfterItsAttempts_AndDoesNotTryTheNextOne()
    {
        var options = new KafkaOptions { DeadLetterAttempts = 1, BootstrapServers = $"127.0.0.1:{Ports.Free()}" };
        using var clients = new KafkaClients(options, NullLoggerFactory.Instance);
        clients.Open();
        await using var producer = new DeadLetterProducer(clients, new SpoolOptions(), TimeProvider.System, NullLogger<DeadLetterProducer>.Instance);
        Assert.That(await PublishAsync(), Is.False);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.That(await PublishAsync(), Is.False);
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(1)));
        Assert.That(ServerMetrics.DeadLettersFailed.WithLabels("given-up").Value, Is.EqualTo(2));

        Task<bool> PublishAsync() => producer.PublishAsync(
            new ConsumeResult<byte[], byte[]>
            {
                TopicPartitionOffset = new TopicPartitionOffset("given-up", 0, 0),
                Message = new Message<byte[], byte[]> { Key = [1], Value = [1] },
            },
            "test", "undecodable", CancellationToken.None);
    }
}
