using System.Text;
using FraudScoring.Core.Payments;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Spool;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.IntegrationTests.Streams;

public sealed class DecisionProducerOutageTests
{
    [Test]
    public async Task Publish_BrokerCrashesAndReturns_EveryDecisionArrivesOnceAndInOrder()
    {
        var broker = await Servers.FailingKafkaAsync();
        var options = new KafkaOptions { DecisionsTopic = "decisions-killed", ClientQueueCapacity = 1000, LingerMs = 0 };
        await broker.CreateTopicAsync(options.DecisionsTopic, 4);
        using var producer = Producer(options, broker.BootstrapServers);
        producer.Start();

        await PublishAsync(producer, 0, 3000);
        await Eventually.IsTrueAsync(() => producer.Pending < 2500);
        await broker.KillAsync();
        await PublishAsync(producer, 3000, 3000);
        await broker.StartAsync();
        await PublishAsync(producer, 6000, 100);
        await Eventually.IsTrueAsync(() => producer.Pending == 0);
        await producer.StopAsync();

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

        var accepted = 0;
        for (var number = 0; number < 1000; number++)
        {
            accepted += (await producer.PublishAsync(Decisions.Make(number), TimeSpan.Zero)).IsKept ? 1 : 0;
        }
        Assert.That(accepted, Is.InRange(10, 20), "ten in each queue");
        Assert.That(ServerMetrics.DecisionsDropped.WithLabels("queue_full").Value - full, Is.EqualTo(1000 - accepted));
        Assert.That(producer.Pending, Is.EqualTo(accepted));

        await producer.StopAsync();
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
        await PublishAsync(producer, 0, 5);
        await Eventually.IsTrueAsync(() => producer.Pending == 0);
        Assert.That(ServerMetrics.DecisionsDropped.WithLabels("timed_out").Value - timedOut, Is.EqualTo(5));
        await producer.StopAsync();
    }

    [Test]
    public async Task Publish_BrokerFrozenThenBack_SpoolsAndDeliversEveryDecisionOnceInOrderWithItsId()
    {
        var broker = await Servers.FailingKafkaAsync();
        var folder = Directory.CreateTempSubdirectory("fraud-scoring-test-spool-");
        var options = new KafkaOptions { DecisionsTopic = "decisions-frozen", LingerMs = 0 };
        await broker.CreateTopicAsync(options.DecisionsTopic, 4);
        var spool = new SpoolOptions { Folder = folder.FullName, OutageAfterMs = 6000 };
        using (var producer = Producer(options, broker.BootstrapServers, spool))
        {
            producer.Start();
            // The first delivery of a new client may take longer than an outage needs to begin.
            await PublishAsync(producer, 0, 1);
            await Eventually.IsTrueAsync(() => producer.Pending == 0
                && ServerMetrics.OutboxOutage.WithLabels(options.DecisionsTopic).Value == 0
                && ServerMetrics.SpoolRecords.WithLabels(options.DecisionsTopic).Value == 0);
            await PublishAsync(producer, 1, 999);
            await Eventually.IsTrueAsync(() => producer.Pending == 0);
            Assert.That(ServerMetrics.SpoolRecords.WithLabels(options.DecisionsTopic).Value, Is.Zero, "not while Kafka acknowledges");
            broker.Freeze();
            await PublishAsync(producer, 1000, 2000);
            // A few may have been acknowledged before the signal stopped the broker.
            await Eventually.IsTrueAsync(() => ServerMetrics.SpoolRecords.WithLabels(options.DecisionsTopic).Value > 1000);
            Assert.That(ServerMetrics.OutboxOutage.WithLabels(options.DecisionsTopic).Value, Is.EqualTo(1));
            broker.Thaw();
            await PublishAsync(producer, 3000, 500);
            await Eventually.IsTrueAsync(() => producer.Pending == 0);
            await Eventually.IsTrueAsync(() => ServerMetrics.SpoolRecords.WithLabels(options.DecisionsTopic).Value == 0
                && ServerMetrics.OutboxOutage.WithLabels(options.DecisionsTopic).Value == 0);
            await producer.StopAsync();
        }
        folder.Delete(recursive: true);

        var records = await TopicReader.ReadAsync(broker.BootstrapServers, options.DecisionsTopic);
        Assert.That(records.Select(record => Decisions.Number(record.Message.Value)).Order(), Is.EqualTo(Enumerable.Range(0, 3500)));
        foreach (var card in records.GroupBy(record => Encoding.UTF8.GetString(record.Message.Key)))
        {
            Assert.That(card.Select(record => Decisions.Number(record.Message.Value)), Is.Ordered, card.Key);
        }
        Assert.That(records.Select(record => Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes(DecisionProducer.IdHeader))),
            Is.EqualTo(records.Select(record => $"decision-{Decisions.Number(record.Message.Value)}")));
    }

    [TestCase(4000)]
    [TestCase(200)]
    public async Task Publish_DiskFullDuringAnOutage_DeliversEveryDecisionOnceAndInOrder_AndGoesOnWithoutTheDisk(int inMemory)
    {
        using var disk = SmallDisk.TryMount(1024 * 1024, out var reason);
        if (disk is null)
        {
            Assert.Ignore(reason);
        }
        var broker = await Servers.FailingKafkaAsync();
        var options = new KafkaOptions { DecisionsTopic = $"decisions-disk-{inMemory}", LingerMs = 0 };
        await broker.CreateTopicAsync(options.DecisionsTopic, 4);
        var spool = new SpoolOptions { Folder = disk!.Folder, OutageAfterMs = 2000, WhenFull = SpoolFullAction.Refuse };
        var published = 1;
        using (var producer = Producer(options, broker.BootstrapServers, spool))
        {
            producer.Start();
            await PublishAsync(producer, 0, published);
            await Eventually.IsTrueAsync(() => producer.Pending == 0
                && ServerMetrics.OutboxOutage.WithLabels(options.DecisionsTopic).Value == 0);
            broker.Freeze();
            // These are in memory when the outage begins. The disk has room for some of 4000, and for all of 200 and some more.
            await PublishAsync(producer, 1, inMemory);
            await Eventually.IsTrueAsync(() => ServerMetrics.OutboxOutage.WithLabels(options.DecisionsTopic).Value == 1);
            published += inMemory;
            while ((await producer.PublishAsync(Decisions.Make(published), TimeSpan.Zero)).IsKept)
            {
                published++;
                await Task.Delay(published % 50 == 0 ? 1 : 0);
            }
            Assert.That(producer.IsFull);
            await Eventually.IsTrueAsync(() => ServerMetrics.SpoolRecords.WithLabels(options.DecisionsTopic).Value is > 100 and < 3000);
            disk.Fill();
            broker.Thaw();
            await Eventually.IsTrueAsync(() => producer.Pending == 0 && !producer.IsFull);
            await PublishAsync(producer, published, 500);
            await Eventually.IsTrueAsync(() => producer.Pending == 0);
            await producer.StopAsync();
        }
        var records = await TopicReader.ReadAsync(broker.BootstrapServers, options.DecisionsTopic);
        Assert.That(records.Select(record => Decisions.Number(record.Message.Value)).Order(), Is.EqualTo(Enumerable.Range(0, published + 500)));
        foreach (var card in records.GroupBy(record => Encoding.UTF8.GetString(record.Message.Key)))
        {
            Assert.That(card.Select(record => Decisions.Number(record.Message.Value)), Is.Ordered, card.Key);
        }
    }

    [Test]
    public async Task Stop_NoBroker_KeepsTheDecisionsForTheNextStart()
    {
        var folder = Directory.CreateTempSubdirectory("fraud-scoring-test-spool-");
        var spool = new SpoolOptions { Folder = folder.FullName };
        var options = new KafkaOptions { DecisionsTopic = "kept", LingerMs = 0 };
        using (var producer = Producer(options, Unreachable(), spool))
        {
            producer.Start();
            await PublishAsync(producer, 0, 700);
            await producer.StopAsync();
        }
        var broker = await Servers.FailingKafkaAsync();
        await broker.CreateTopicAsync(options.DecisionsTopic, 4);
        var areKnown = false;
        var erased = new ErasedRecords(() => Volatile.Read(ref areKnown), record => Decisions.Number(record.Value!) < 100);
        var before = ServerMetrics.SpoolErased.WithLabels(options.DecisionsTopic).Value;
        using (var producer = Producer(options, broker.BootstrapServers, spool, erased))
        {
            Assert.That(producer.Pending, Is.EqualTo(700));
            producer.Start();
            await PublishAsync(producer, 700, 100);
            await Task.Delay(500);
            Assert.That(producer.Pending, Is.EqualTo(800), "nothing leaves the spool before the erasures are known");
            Volatile.Write(ref areKnown, true);
            await Eventually.IsTrueAsync(() => producer.Pending == 0);
            await producer.StopAsync();
        }
        Assert.That(ServerMetrics.SpoolErased.WithLabels(options.DecisionsTopic).Value - before, Is.EqualTo(100));
        folder.Delete(recursive: true);

        var records = await TopicReader.ReadAsync(broker.BootstrapServers, options.DecisionsTopic);
        Assert.That(records.Select(record => Decisions.Number(record.Message.Value)).Order(), Is.EqualTo(Enumerable.Range(100, 700)));
    }

    [Test]
    public async Task Stop_RightAfterAStartWithABacklog_DeliversAllOfIt()
    {
        var folder = Directory.CreateTempSubdirectory("fraud-scoring-test-spool-");
        var spool = new SpoolOptions { Folder = folder.FullName };
        var options = new KafkaOptions { DecisionsTopic = "backlog", LingerMs = 0, DrainTimeoutSeconds = 0 };
        using (var producer = Producer(options, Unreachable(), spool))
        {
            producer.Start();
            await PublishAsync(producer, 0, 5000);
            await producer.StopAsync();
        }
        var broker = await Servers.FailingKafkaAsync();
        await broker.CreateTopicAsync(options.DecisionsTopic, 4);
        using (var producer = Producer(options with { DrainTimeoutSeconds = 30 }, broker.BootstrapServers, spool))
        {
            producer.Start();
            await producer.StopAsync();
            Assert.That(producer.Pending, Is.Zero);
            Assert.That(ServerMetrics.SpoolRecords.WithLabels(options.DecisionsTopic).Value, Is.Zero);
        }
        folder.Delete(recursive: true);
        var records = await TopicReader.ReadAsync(broker.BootstrapServers, options.DecisionsTopic);
        Assert.That(records.Select(record => Decisions.Number(record.Message.Value)).Order(), Is.EqualTo(Enumerable.Range(0, 5000)));
    }

    private static async Task PublishAsync(DecisionProducer producer, int first, int count)
    {
        for (var number = first; number < first + count; number++)
        {
            Assert.That((await producer.PublishAsync(Decisions.Make(number), TimeSpan.FromSeconds(5))).IsKept);
        }
    }

    private static string Unreachable() => $"127.0.0.1:{Ports.Free()}";

    private static DecisionProducer Producer(
        KafkaOptions options, string bootstrapServers, SpoolOptions? spool = null, ErasedRecords? erased = null)
    {
        var clients = new KafkaClients(options with { BootstrapServers = bootstrapServers }, NullLoggerFactory.Instance);
        clients.Open();
        var producer = new DecisionProducer(
            clients, spool ?? new SpoolOptions(), erased ?? new ErasedRecords(() => true, _ => false), TimeProvider.System, NullLogger<DecisionProducer>.Instance);
        var faults = new Faults();
        producer.Open(faults);
        Assert.That(faults, Is.Empty);
        return producer;
    }
}
