using System.Text;
using Confluent.Kafka;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Streams;
using FraudScoring.V1;
using Google.Protobuf;
using Label = FraudScoring.Core.Payments.Label;

namespace FraudScoring.IntegrationTests.Streams;

/// <summary>The reading of the log for the payments of labels.</summary>
public sealed class LabelSearchPassTests
{
    private const int Others = 5_000;
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly Backends _backends = Backends.Real();

    [OneTimeSetUp]
    public Task StartAsync() => _backends.StartKafkaAsync();

    [Test]
    public async Task APaymentWithATrueTimestamp_IsFoundWithoutReadingTheWholeLog()
    {
        var topic = await LogAsync("pass-window");
        using var clients = _backends.Clients(new KafkaOptions { TransactionsTopic = topic });
        using var producer = clients.Producer(_ => { });
        await ProduceAsync(producer, topic, Ids("earlier"), Now.AddDays(-80));
        await ProduceAsync(producer, topic, ["wanted"], Now.AddDays(-40));
        await ProduceAsync(producer, topic, Ids("later"), Now);

        var (found, read) = await SearchAsync(clients, "wanted");
        Assert.That(found, Is.EqualTo(new[] { "wanted" }));
        Assert.That(read, Is.LessThan(100));
    }

    /// <summary>The last offset of each partition is then a control record, which no consumer receives.</summary>
    [Test]
    public async Task TheEndOfATransactionalLog_IsReached_AndAbortedPaymentsAreNotFound()
    {
        var topic = await LogAsync("pass-transactional");
        using var clients = _backends.Clients(new KafkaOptions { TransactionsTopic = topic });
        using var producer = clients.Producer(config => (config.TransactionalId, config.MessageTimeoutMs) = (topic, 30_000));
        await Task.Run(() => producer.InitTransactions(TimeSpan.FromSeconds(30)));
        producer.BeginTransaction();
        await ProduceAsync(producer, topic, ["committed"], Now);
        await Task.Run(() => producer.CommitTransaction());
        producer.BeginTransaction();
        await ProduceAsync(producer, topic, ["aborted"], Now);
        await Task.Run(() => producer.AbortTransaction());

        var (found, _) = await SearchAsync(clients, "committed", "aborted", "unknown");
        Assert.That(found, Is.EqualTo(new[] { "committed" }));
    }

    [Test]
    public async Task ManyPaymentsOfManyDays_AreFoundInOneReading()
    {
        var topic = await LogAsync("pass-many");
        using var clients = _backends.Clients(new KafkaOptions { TransactionsTopic = topic });
        using var producer = clients.Producer(_ => { });
        await ProduceAsync(producer, topic, Ids("many"), Now);

        var (found, read) = await SearchAsync(clients, Ids("many"));
        Assert.That(found, Is.EquivalentTo(Ids("many")));
        Assert.That(read, Is.InRange(Others, Others + 10));
    }

    [Test]
    public void AMissingTopic_FailsTheSearch_AndIsNotCreated()
    {
        using var clients = _backends.Clients(new KafkaOptions { TransactionsTopic = $"{_backends.Prefix}pass-missing-{Guid.NewGuid():N}" });
        for (var attempt = 0; attempt < 10; attempt++)
        {
            Assert.That(() => SearchAsync(clients, "wanted"), Throws.TypeOf<KafkaException>());
        }
    }

    private static string[] Ids(string prefix) => [.. Enumerable.Range(0, Others).Select(i => $"{prefix}-{i}")];

    private async Task<string> LogAsync(string name)
    {
        var topic = _backends.Prefix + name;
        await (await Servers.KafkaAsync()).CreateTopicAsync(topic, 2, new() { ["retention.ms"] = "-1" });
        return topic;
    }

    private static Task<DeliveryResult<byte[], byte[]>[]> ProduceAsync(
        IProducer<byte[], byte[]> producer, string topic, string[] ids, DateTimeOffset timestamp) =>
        Task.WhenAll(ids.Select(id => producer.ProduceAsync(topic, new Message<byte[], byte[]>
        {
            Key = Encoding.UTF8.GetBytes(id), Timestamp = new Timestamp(timestamp),
            Value = new TransactionEvent { Payment = ServiceUnderTest.NewPayment(id, at: timestamp) }.ToByteArray(),
        })));

    /// <summary>Searches payments of 40 days ago, or, of many payments, the last 40 days.</summary>
    private static async Task<(List<string> Found, double Read)> SearchAsync(KafkaClients clients, params string[] ids)
    {
        var models = Path.Combine(AppContext.BaseDirectory, "models");
        var catalogue = CatalogueReader.Parse(await File.ReadAllBytesAsync(Path.Combine(models, "features.json")), [])!;
        var rates = RatesReader.Parse(await File.ReadAllBytesAsync(Path.Combine(models, RatesReader.FileName)), [])!;
        var keys = new ProfileKeys(catalogue, new EntityHasher(new byte[32]), "pass", new Erasures());
        var wanted = new WantedPayments();
        for (var i = 0; i < ids.Length; i++)
        {
            var eventTimeMs = Now.AddDays(-40).AddHours(i < 400 ? 2.4 * i : 0).ToUnixTimeMilliseconds();
            var label = new Label
            {
                TransactionId = ids[i], EventTimeMs = eventTimeMs, LabelTimeMs = Now.ToUnixTimeMilliseconds(), Fraud = true,
            };
            wanted.Add(new WantedLabel(keys.HashTransaction(ids[i]), label, new ParkedLabel(label.LabelTimeMs, 0, 0, i, [])));
        }
        var (found, before) = (new List<string>(), ServerMetrics.LabelSearchRecords.Value);
        var pass = new LabelSearchPass(
            clients, keys, rates, PaymentLimits.AnyTime, new ReadPace(10_000_000, TimeProvider.System), TimeSpan.FromSeconds(30),
            TimeProvider.System);
        await Task.Run(() => pass.RunAsync(wanted, (payment, labels) =>
        {
            Assert.That(labels.Select(label => label.Label.TransactionId), Is.EqualTo(new[] { payment.TransactionId }));
            found.Add(payment.TransactionId);
            return Task.CompletedTask;
        }, CancellationToken.None));
        Assert.That(wanted.Count, Is.EqualTo(ids.Length - found.Count));
        return (found, ServerMetrics.LabelSearchRecords.Value - before);
    }
}
