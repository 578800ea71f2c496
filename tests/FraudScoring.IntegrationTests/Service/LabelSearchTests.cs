using System.Text;
using Confluent.Kafka;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using FraudScoring.V1;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Payment = FraudScoring.V1.Payment;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>A label without tokens finds its payment in the log, long after Redis has forgotten it.</summary>
public sealed class LabelSearchTests
{
    private const string Found = "fraud_searched_labels_total{outcome=\"found\"}";
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly Backends _backends = Backends.Real();
    private ServiceUnderTest _service = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        await _backends.StartAsync();
        _service = await ServiceUnderTest.StartAsync(
            _backends, ("Labels:SearchIntervalSeconds", "1"), ("Kafka:MaxParkedLabels", "256"),
            ("Kafka:TransactionsTopic", await LogAsync("search-log")), ("Kafka:DeadLetterSuffix", ".search-dead"));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
    }

    [Test]
    public async Task AChargebackAfter40Days_FindsItsPayment_AlsoOneThatWasPublishedLate()
    {
        var (onTime, late) = (NewPayment("on-time", Now.AddDays(-40)), NewPayment("late", Now.AddDays(-40)));
        Payment[] both = [onTime, late];
        await PublishAsync(_service, [onTime], Now.AddDays(-40));
        await PublishAsync(_service, [late], Now);
        await _service.ForgetAsync([.. both.Select(payment => payment.TransactionId)]);
        var found = await _service.MetricAsync(Found);

        await PublishLabelsAsync(both, fraud: true);
        await Eventually.IsTrueAsync(
            async () => await FraudsAsync(_service, onTime) is (1, 1) && await FraudsAsync(_service, late) is (1, 1));
        // Published again, it is the same label. A correction is another one.
        await PublishLabelsAsync(both, fraud: true);
        await PublishLabelsAsync(both, fraud: false);
        await Eventually.IsTrueAsync(
            async () => await FraudsAsync(_service, onTime) is (0, 0) && await FraudsAsync(_service, late) is (0, 0));
        await Eventually.IsTrueAsync(async () => await _service.MetricAsync(Found) == found + 4);
        foreach (var payment in both)
        {
            Assert.That(await CopiesAsync(_service, payment), Is.EqualTo(2), "the fraud and its correction");
            await Eventually.IsTrueAsync(async () => await CountParkedAsync(_service, payment.TransactionId) == 0);
        }

        Task PublishLabelsAsync(Payment[] payments, bool fraud) =>
            Task.WhenAll(payments.Select(payment => PublishLabelAsync(_service, LabelOf(payment, fraud))));
    }

    [Test]
    public async Task ALabelOfAnErasedCard_AppliesToTheOtherEntities_AndWritesNoErasedTokenAgain()
    {
        var payment = NewPayment("erased", Now.AddDays(-20));
        await PublishAsync(_service, [payment], Now.AddDays(-20));
        await ForgetAsync(_service, payment);
        Assert.That(PaymentField.TryParse("card", out var card), Is.True);
        _service.Services.GetRequiredService<Erasures>().Add(
            [_service.Services.GetRequiredService<EntityHashers>().Current.HashOfToken(card, payment.CardToken)], Now.ToUnixTimeMilliseconds());

        await PublishLabelAsync(_service, LabelOf(payment));
        await Eventually.IsTrueAsync(async () => (await FraudsAsync(_service, payment)).Merchant == 1);
        var copies = (await LabelsAsync(_service, payment)).FindAll(label => label.MerchantId.Length > 0);
        Assert.That(copies.ConvertAll(label => (label.CardToken, label.AccountToken)), Is.EqualTo(new[] { ("", payment.AccountToken) }));
    }

    [TestCase("never-made", 40, "its payment is not in topic")]
    [TestCase("too-old", 91, "came more than Labels:HorizonDays (90) after its payment")]
    public async Task ALabelThatIsSearchedInVain_GoesToTheDeadLetterTopic_WithTheReason(string id, int days, string expected)
    {
        var deployment = _service.Services.GetRequiredService<DeploymentHost>().Current;
        var payment = NewPayment(id, Now.AddDays(-days));
        var label = LabelOf(payment);
        if (days > 90)
        {
            await PublishAsync(_service, [payment], Now);
            await ForgetAsync(_service, payment);
        }
        var record = LabelRecord.Parse(
            new RecordPosition(AppliedOffsets.SourceOf(LabelRecord.TopicNumber, 0), 1_000_000 + days), label.ToByteArray(), deployment.Keys,
            Core.Payments.PaymentLimits.AnyTime, 0, [])!;
        await deployment.Transactions.FindOrParkAsync(record, Now.AddHours(-73).ToUnixTimeMilliseconds());

        await Eventually.IsTrueAsync(async () => (await ReasonsAsync()).Exists(reason => reason.Contains(expected, StringComparison.Ordinal)
            && reason.Contains("its transaction did not arrive within Kafka:ParkedLabelHours (72)", StringComparison.Ordinal)));
        await Eventually.IsTrueAsync(async () => await CountParkedAsync(_service, id) == 0);
    }

    /// <summary>When the log is read again, the payment is known or comes soon, as it was not when the label was new.</summary>
    [TestCase(true)]
    [TestCase(false)]
    public async Task ALabelTooLateForItsPayment_IsRefused_WhicheverIsReadFirst(bool isPaymentFirst)
    {
        const string Reason = "has no tokens, and came more than Labels:HorizonDays (90) after its payment";
        var payment = NewPayment($"too-late-{isPaymentFirst}", Now.AddDays(-91));
        var before = (await ReasonsAsync()).Count(IsLate);
        if (isPaymentFirst)
        {
            await PublishAsync(_service, [payment], Now);
        }
        await PublishLabelAsync(_service, LabelOf(payment));
        if (!isPaymentFirst)
        {
            await Eventually.IsTrueAsync(async () => await CountParkedAsync(_service, payment.TransactionId) == 1);
            await PublishAsync(_service, [payment], Now);
        }
        await Eventually.IsTrueAsync(async () => (await ReasonsAsync()).Count(IsLate) == before + 1);
        Assert.That(await CountParkedAsync(_service, payment.TransactionId), Is.Zero);
        Assert.That(await FraudsAsync(_service, payment), Is.EqualTo((0d, 0d)));
        Assert.That(await LabelsAsync(_service, payment), Has.Count.EqualTo(1), "no copy with tokens");

        static bool IsLate(string reason) => reason.Contains(Reason, StringComparison.Ordinal);
    }

    [Test]
    public async Task ALabelWithTokens_EndsTheWaitOfTheSameLabelWithout()
    {
        var label = LabelOf(NewPayment("repeated", Now.AddDays(-40)));
        await PublishLabelAsync(_service, label);
        await Eventually.IsTrueAsync(async () => await CountParkedAsync(_service, "repeated") == 1);
        label.MerchantId = "merchant-repeated";
        await PublishLabelAsync(_service, label);
        await Eventually.IsTrueAsync(async () => await CountParkedAsync(_service, "repeated") == 0);
    }

    [Test]
    public async Task ALabelWithoutTokens_AfterTheSameLabelWithTokens_DoesNotWait()
    {
        var payment = NewPayment("repeated-later", Now.AddDays(-40));
        var label = LabelOf(payment);
        label.MerchantId = payment.MerchantId;
        await PublishLabelAsync(_service, label);
        await Eventually.IsTrueAsync(async () => (await FraudsAsync(_service, payment)).Merchant == 1);
        var read = await _service.MetricAsync("fraud_labels_parked_total");
        await PublishLabelAsync(_service, LabelOf(payment));
        await Eventually.IsTrueAsync(async () => await _service.MetricAsync("fraud_labels_parked_total") > read);
        Assert.That(await CountParkedAsync(_service, "repeated-later"), Is.Zero);
    }

    [Test]
    public async Task MoreLabelsThanMayBeParked_AreRefused_AndTheOthersGoOn()
    {
        const int Labels = 1_000;
        var payment = NewPayment("among-many", Now.AddDays(-30));
        await PublishAsync(_service, [payment], Now.AddDays(-30));
        await Task.WhenAll(Enumerable.Range(0, Labels).Select(
            i => PublishLabelAsync(_service, LabelOf(NewPayment($"unknown-{i}", Now.AddDays(-60))))));
        await Eventually.IsTrueAsync(async () => (await ReasonsAsync()).Count(
            reason => reason.Contains("labels are parked for 256 transactions", StringComparison.Ordinal)) >= Labels - 256);
        var deployment = _service.Services.GetRequiredService<DeploymentHost>().Current;
        Assert.That(await deployment.Transactions.CountParkedAsync(), Is.InRange(200, 256));
        await Eventually.IsTrueAsync(async () => await _service.MetricAsync("fraud_labels_to_search") == 0);

        // Labels of the known payment need no room.
        await PublishLabelAsync(_service, LabelOf(payment));
        await Eventually.IsTrueAsync(async () => await FraudsAsync(_service, payment) is (1, 1));
        var redis = _service.Services.GetRequiredService<RedisConnections>().Writing.GetDatabase();
        await Task.WhenAll(Enumerable.Range(0, EntityKey.Buckets).Select(bucket => redis.KeyDeleteAsync(deployment.Keys.Parked(bucket))));
    }

    [Test]
    public async Task ASearchThatARestartInterrupts_LosesNothingAndCountsNothingTwice()
    {
        const int Records = 8_000;
        var (log, found) = (await LogAsync("interrupted-log"), await _service.MetricAsync(Found));
        (string, string)[] settings =
        [
            ("Redis:KeyPrefix", _backends.Prefix + "interrupted"), ("Kafka:GroupId", _backends.Prefix + "interrupted"),
            ("Kafka:TransactionsTopic", log), ("Kafka:LabelsTopic", await _backends.TopicAsync("interrupted-labels")),
            ("Kafka:DeadLetterSuffix", ".search-dead"), ("Labels:SearchIntervalSeconds", "1"),
        ];
        var payment = NewPayment("interrupted", Now.AddDays(-40));
        await _backends.TopicAsync("interrupted-labels.search-dead");
        await using (var first = await ServiceUnderTest.StartAsync(_backends, [.. settings, ("Labels:SearchRecordsPerSecond", "1000")]))
        {
            await PublishAsync(first, [.. Enumerable.Range(0, Records).Select(i => NewPayment($"other-{i}", Now)), payment], Now);
            await ForgetAsync(first, payment);
            await PublishLabelAsync(first, LabelOf(payment));
            await Eventually.IsTrueAsync(async () => await first.MetricAsync("fraud_labels_to_search") > 0);
        }
        Assert.That(await _service.MetricAsync(Found), Is.EqualTo(found), "the first service stopped before it reached the payment");

        await using var second = await ServiceUnderTest.StartAsync(_backends, settings);
        await Eventually.IsTrueAsync(async () => await FraudsAsync(second, payment) is (1, 1));
        await Eventually.IsTrueAsync(async () => await CountParkedAsync(second, payment.TransactionId) == 0);
        Assert.That(await CopiesAsync(second, payment), Is.EqualTo(1));
    }

    private static Payment NewPayment(string id, DateTimeOffset at)
    {
        var payment = ServiceUnderTest.NewPayment(id, "card-" + id, at);
        payment.MerchantId = "merchant-" + id;
        return payment;
    }

    private static LabelEvent LabelOf(Payment payment, bool fraud = true) => new()
    {
        TransactionId = payment.TransactionId, EventTime = payment.EventTime, Fraud = fraud, Source = "chargeback",
        LabelTime = Timestamp.FromDateTimeOffset(Now.AddHours(fraud ? -2 : -1)),
    };

    private async Task<string> LogAsync(string name)
    {
        var topic = _backends.Prefix + name;
        var broker = await Servers.KafkaAsync();
        // Records with old timestamps would soon be deleted.
        await broker.CreateTopicAsync(topic, 2, new() { ["retention.ms"] = "-1" });
        await broker.CreateTopicAsync(topic + ".search-dead", 1);
        await _backends.TopicAsync("fraud.labels.search-dead");
        return topic;
    }

    /// <summary>Publishes payments with a record timestamp, and waits until they are applied.</summary>
    private static async Task PublishAsync(ServiceUnderTest service, IReadOnlyList<Payment> payments, DateTimeOffset timestamp)
    {
        var topic = service.Kafka.Options.TransactionsTopic;
        var applied = $"fraud_events_applied_total{{topic=\"{topic}\"}}";
        var before = await service.MetricAsync(applied);
        using var producer = service.Kafka.Producer(config => config.LingerMs = 0);
        await Task.WhenAll(payments.Select(payment => producer.ProduceAsync(topic, new Message<byte[], byte[]>
        {
            Key = Encoding.UTF8.GetBytes(payment.CardToken), Value = new TransactionEvent { Payment = payment }.ToByteArray(),
            Timestamp = new Confluent.Kafka.Timestamp(timestamp),
        })));
        await Eventually.IsTrueAsync(async () => await service.MetricAsync(applied) >= before + payments.Count);
    }

    private static Task<DeliveryResult<byte[], byte[]>> PublishLabelAsync(ServiceUnderTest service, LabelEvent label) =>
        service.PublishAsync(service.Kafka.Options.LabelsTopic, "any", label.ToByteArray());

    private static Task ForgetAsync(ServiceUnderTest service, Payment payment) => service.ForgetAsync([payment.TransactionId]);

    /// <summary>The frauds of the payment's merchant and of its card.</summary>
    private static async Task<(double Merchant, double Card)> FraudsAsync(ServiceUnderTest service, Payment payment)
    {
        var shown = await new FeatureService.FeatureServiceClient(service.GrpcChannel).ShowFeaturesAsync(
            new ShowFeaturesRequest { Entities = new EntityTokens { CardToken = payment.CardToken, MerchantId = payment.MerchantId } });
        return (ValueOf("merchant_fraud_count_7d"), ValueOf("card_fraud_count_30d"));

        double ValueOf(string name) => shown.Features.Single(feature => feature.Name == name).Value;
    }

    /// <summary>Number of labels with tokens in the topic of labels.</summary>
    private static async Task<int> CopiesAsync(ServiceUnderTest service, Payment payment) =>
        (await LabelsAsync(service, payment)).Count(label => label.CardToken == payment.CardToken
            && label.AccountToken == payment.AccountToken && label.DeviceToken == payment.DeviceToken
            && label.IpAddress == payment.IpAddress && label.MerchantId == payment.MerchantId);

    private static async Task<List<LabelEvent>> LabelsAsync(ServiceUnderTest service, Payment payment) =>
        [.. (await TopicReader.ReadAsync(service.Kafka.BootstrapServers, service.Kafka.Options.LabelsTopic))
            .Select(record => LabelEvent.Parser.ParseFrom(record.Message.Value))
            .Where(label => label.TransactionId == payment.TransactionId)];

    private static async Task<int> CountParkedAsync(ServiceUnderTest service, string id)
    {
        var deployment = service.Services.GetRequiredService<DeploymentHost>().Current;
        var transaction = deployment.Keys.HashTransaction(id);
        return (await deployment.Transactions.ParkedAsync(transaction.Bucket)).Count(label => label.Transaction == transaction);
    }

    private async Task<List<string>> ReasonsAsync() =>
        [.. (await TopicReader.ReadAsync(_service.Kafka.BootstrapServers, _service.Kafka.Options.LabelsTopic + ".search-dead"))
            .Select(letter => Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes("dead-letter-reason")))];
}
