using System.Text;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.IntegrationTests.Streams;

public sealed class DecisionProducerOutageTests
{
    [Test]
    public async Task Publish_BrokerCrashesAndReturns_EveryDecisionArrivesOnceAndInOrder()
    {
        await using var broker = await KafkaBroker.StartNewAsync();
        var options = new KafkaOptions { DecisionsTopic = "decisions", ClientQueueCapacity = 1000, LingerMs = 0 };
        await broker.CreateTopicAsync(options.DecisionsTopic, 4);
        using var producer = Producer(options, broker.BootstrapServers);
        producer.Start();

        Publish(producer, 0, 3000);
        await Eventually.IsTrueAsync(() => producer.Pending < 2500);
        await broker.KillAsync();
        Publish(producer, 3000, 3000);
        await broker.StartAsync();
        Publish(producer, 6000, 100);
        await Eventually.IsTrueAsync(() => producer.Pending == 0);
        await producer.StopAsync(CancellationToken.None);

        var records = await TopicReader.ReadAsync(broker.BootstrapServers, options.DecisionsTopic);
        Assert.That(records.Select(record => Decisions.Number(record.Message.Value)).Order(), Is.EqualTo(Enumerable.Range(0, 6100)));
        foreach (var card in records.GroupBy(record => Encoding.UTF8.GetString(record.Message.Key)))
        {
            Assert.That(card.Select(record => Decisions.Number(record.Message.Value)), Is.Ordered, card.Key);
        }
    }

    [Test]
    public async Task Publish_NoBrokerAndFullQueues_DropsAndCounts()
    {
        var options = new KafkaOptions { DecisionQueueCapacity = 10, ClientQueueCapacity = 10, DrainTimeoutSeconds = 0 };
        using var producer = Producer(options, Unreachable());
        producer.Start();
        var full = ServerMetrics.DecisionsDropped.WithLabels("queue_full").Value;
        var stopping = ServerMetrics.DecisionsDropped.WithLabels("stopping").Value;

        var accepted = Enumerable.Range(0, 1000).Count(number => producer.Publish(Decisions.Make(number)));
        Assert.That(accepted, Is.InRange(10, 21), "ten in each queue, and one being moved");
        Assert.That(ServerMetrics.DecisionsDropped.WithLabels("queue_full").Value - full, Is.EqualTo(1000 - accepted));
        Assert.That(producer.Pending, Is.EqualTo(accepted));

        await producer.StopAsync(CancellationToken.None);
        Assert.That(ServerMetrics.DecisionsDropped.WithLabels("stopping").Value - stopping, Is.EqualTo(accepted));
        Assert.That(producer.Pending, Is.Zero);
    }

    [Test]
    public async Task Publish_NoBrokerUntilTheDeliveryTimeout_CountsTheDecisionAsTimedOut()
    {
        var options = new KafkaOptions { DeliveryTimeoutSeconds = 1, LingerMs = 0 };
        using var producer = Producer(options, Unreachable());
        producer.Start();
        var timedOut = ServerMetrics.DecisionsDropped.WithLabels("timed_out").Value;
        Publish(producer, 0, 5);
        await Eventually.IsTrueAsync(() => producer.Pending == 0);
        Assert.That(ServerMetrics.DecisionsDropped.WithLabels("timed_out").Value - timedOut, Is.EqualTo(5));
        await producer.StopAsync(CancellationToken.None);
    }

    private static void Publish(DecisionProducer producer, int first, int count)
    {
        for (var number = first; number < first + count; number++)
        {
            Assert.That(producer.Publish(Decisions.Make(number)));
        }
    }

    private static string Unreachable() => $"127.0.0.1:{Ports.Free()}";

    private static DecisionProducer Producer(KafkaOptions options, string bootstrapServers)
    {
        var clients = new KafkaClients(options with { BootstrapServers = bootstrapServers }, NullLoggerFactory.Instance);
        clients.Open();
        return new DecisionProducer(clients, TimeProvider.System, NullLogger<DecisionProducer>.Instance);
    }
}
