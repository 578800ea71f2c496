using System.Text;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Spool;
using FraudScoring.V1;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.IntegrationTests.Streams;

[TestFixtureSource(typeof(Backends), nameof(Backends.Both))]
public sealed class DecisionProducerTests(Backends backends)
{
    [OneTimeSetUp]
    public Task Start() => backends.StartKafkaAsync();

    [Test]
    public async Task Publish_ManyCards_ArriveInOrderOfTheirCard()
    {
        var options = new KafkaOptions { DecisionsTopic = await backends.TopicAsync("ordered") };
        var published = ServerMetrics.DecisionsPublished.Value;
        await PublishAsync(options, Enumerable.Range(0, 2000).Select(Decisions.Make));

        var records = await backends.ReadTopicAsync(options.DecisionsTopic);
        Assert.That(records.Select(record => Decisions.Number(record.Message.Value)), Is.EquivalentTo(Enumerable.Range(0, 2000)));
        foreach (var card in records.GroupBy(record => Encoding.UTF8.GetString(record.Message.Key)))
        {
            Assert.That(card.Select(record => record.Partition.Value).Distinct().Count(), Is.EqualTo(1), card.Key);
            Assert.That(card.Select(record => Decisions.Number(record.Message.Value)), Is.Ordered, card.Key);
            Assert.That(card.Select(record => $"card-{Decisions.Number(record.Message.Value) % 10}"), Is.All.EqualTo(card.Key));
        }
        Assert.That(ServerMetrics.DecisionsPublished.Value - published, Is.EqualTo(2000));
    }

    [Test]
    public async Task Publish_FullClientQueue_WaitsAndLosesNothing()
    {
        var options = new KafkaOptions { DecisionsTopic = await backends.TopicAsync("narrow"), ClientQueueCapacity = 10, LingerMs = 0 };
        await PublishAsync(options, Enumerable.Range(0, 500).Select(Decisions.Make));

        var records = await backends.ReadTopicAsync(options.DecisionsTopic);
        Assert.That(records.Select(record => Decisions.Number(record.Message.Value)), Is.EquivalentTo(Enumerable.Range(0, 500)));
    }

    [Test]
    public async Task Publish_NoPayment_IsWrittenWithoutKey()
    {
        var options = new KafkaOptions { DecisionsTopic = await backends.TopicAsync("keyless") };
        var decision = new DecisionEvent { BundleHash = "abc" };
        await PublishAsync(options, [decision]);

        var records = await backends.ReadTopicAsync(options.DecisionsTopic);
        Assert.That(records.Select(record => record.Message.Key), Is.EqualTo(new byte[]?[] { null }));
        Assert.That(DecisionEvent.Parser.ParseFrom(records[0].Message.Value), Is.EqualTo(decision));
    }

    [Test]
    public async Task Publish_AfterTheClientBroke_GoesOnWithANewOne()
    {
        var options = new KafkaOptions { DecisionsTopic = await backends.TopicAsync("broken") };
        using var producer = Producer(options);
        producer.Start();
        Assert.That(await PublishAsync(producer, 1));
        await Eventually.IsTrueAsync(() => producer.Pending == 0);
        BrokenClient.Break(producer);
        Assert.That(await PublishAsync(producer, 2));
        await producer.StopAsync();

        var records = await backends.ReadTopicAsync(options.DecisionsTopic);
        Assert.That(records.Select(record => Decisions.Number(record.Message.Value)), Is.EquivalentTo([1, 2]));
    }

    [Test]
    public async Task Publish_AfterStop_IsDroppedAndCounted()
    {
        var options = new KafkaOptions { DecisionsTopic = await backends.TopicAsync("stopped") };
        using var producer = Producer(options);
        producer.Start();
        await producer.StopAsync();
        var dropped = ServerMetrics.DecisionsDropped.WithLabels("stopping").Value;
        Assert.That(await PublishAsync(producer, 1), Is.False);
        Assert.That(ServerMetrics.DecisionsDropped.WithLabels("stopping").Value - dropped, Is.EqualTo(1));
    }

    [Test]
    public void Publish_WarmQueue_AllocatesNothing()
    {
        using var producer = Producer(new KafkaOptions { DecisionQueueCapacity = 4000 });
        var decision = Decisions.Make(1);
        var areKept = true;
        Publish(3000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Publish(500);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(500), "less than one byte per decision");
        Assert.That(areKept);

        void Publish(int count)
        {
            for (var i = 0; i < count; i++)
            {
                // Completed when it is returned, since only Acknowledge waits.
                areKept &= IsKept(producer.PublishAsync(decision, TimeSpan.Zero));
            }
        }
    }

    private static bool IsKept(ValueTask<Publication> publication) => publication is { IsCompletedSuccessfully: true, Result.IsKept: true };

    private async Task PublishAsync(KafkaOptions options, IEnumerable<DecisionEvent> decisions)
    {
        using var producer = Producer(options);
        producer.Start();
        foreach (var decision in decisions)
        {
            Assert.That((await producer.PublishAsync(decision, TimeSpan.Zero)).IsKept);
        }
        await producer.StopAsync();
        Assert.That(producer.Pending, Is.Zero);
    }

    private static async Task<bool> PublishAsync(DecisionProducer producer, int number) =>
        (await producer.PublishAsync(Decisions.Make(number), TimeSpan.Zero)).IsKept;

    private DecisionProducer Producer(KafkaOptions options) =>
        new(backends.Clients(options), new SpoolOptions(), new ErasedRecords(() => true, _ => false), TimeProvider.System,
            NullLogger<DecisionProducer>.Instance);
}
