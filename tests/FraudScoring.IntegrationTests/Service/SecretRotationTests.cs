using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Hosting;
using FraudScoring.V1;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>The secret of the keys is replaced. History is found under both secrets, and written under the new one.</summary>
[TestFixture(false, TestName = "SecretRotation_SingleServer")]
[TestFixture(true, TestName = "SecretRotation_Cluster")]
public sealed class SecretRotationTests(bool isCluster)
{
    private const string Before = "the secret before", After = "the secret after";

    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private Backends _backends = null!;
    private RedisServer? _redis;
    private RedisCluster? _cluster;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _backends = Backends.Real();
        await _backends.StartKafkaAsync();
        _redis = isCluster ? null : await RedisServer.StartNewAsync(RedisPersistence.None);
        _cluster = isCluster ? await RedisCluster.StartNewAsync(3, RedisPersistence.None) : null;
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await (_redis?.DisposeAsync() ?? default);
        await (_cluster?.DisposeAsync() ?? default);
    }

    [Test]
    public async Task ReplacedSecret_LosesNoHistory_CountsNothingTwice_AndShutsTheFormerOut()
    {
        await using (var service = await StartServiceAsync((Before, "")))
        {
            foreach (var card in new[] { "moved", "left", "erased", "corrupt", "restored" })
            {
                for (var i = 0; i < 3; i++)
                {
                    await service.PublishAsync(ServiceUnderTest.NewPayment($"{card}-{i}", card, _now.AddMinutes(-30 + i)));
                }
                await Eventually.IsTrueAsync(async () => await CountAsync(service, card) == 3);
            }
            await service.PublishAsync(Fraud("moved-0"));
            await Eventually.IsTrueAsync(async () => await FeatureAsync(service, "moved", "card_fraud_count_30d") == 1);
            await CorruptAsync(service, "corrupt");
            await service.PublishAsync(service.Kafka.Options.LabelsTopic, "any", Fraud("awaited", card: "").ToByteArray());
            await Eventually.IsTrueAsync(async () => await Transactions(service).CountParkedAsync() == 1);
            await EraseAndRestoreAsync(service, "restored");
        }

        await using (var service = await StartServiceAsync((After, Before)))
        {
            Assert.That(await CountAsync(service, "moved"), Is.EqualTo(3), "read under the former secret");
            Assert.That(await CountAsync(service, "restored"), Is.Zero, "erased under the former secret");
            Assert.That(await service.FeatureAsync(ServiceUnderTest.NewPayment("scored", "moved"), "card_count_24h"), Is.EqualTo(3));
            await service.PublishAsync(ServiceUnderTest.NewPayment("moved-3", "moved", _now.AddMinutes(-1)));
            // Published again at another offset.
            await service.PublishAsync(ServiceUnderTest.NewPayment("moved-2", "moved", _now.AddMinutes(-28)));
            await service.PublishAsync(ServiceUnderTest.NewPayment("corrupt-3", "corrupt", _now.AddMinutes(-1)));
            await Eventually.IsTrueAsync(async () => await CountAsync(service, "moved") == 4);
            await Eventually.IsTrueAsync(async () => await CountOrNoneAsync(service, "corrupt") == 4);
            await new FeatureService.FeatureServiceClient(service.GrpcChannel).EraseEntitiesAsync(
                new EraseEntitiesRequest { Entities = new EntityTokens { CardToken = "erased" } });
            Assert.That(await CountAsync(service, "erased"), Is.Zero);
            await service.PublishAsync(ServiceUnderTest.NewPayment("erased-3", "erased"));
            await Eventually.IsTrueAsync(async () => await CountAsync(service, "erased") == 1);
            await PayAwaitedAsync(service);
            await service.PublishAsync(ServiceUnderTest.NewPayment("restored-3", "restored"));
            await Eventually.IsTrueAsync(async () => await CountAsync(service, "restored") == 1);
            Assert.That(await CountAsync(service, "left"), Is.EqualTo(3));
            Assert.That(await FeatureAsync(service, "moved", "card_fraud_count_30d"), Is.EqualTo(1));
            Assert.That(await service.MetricAsync($"fraud_rewinds_total{{topic=\"{service.Kafka.Options.TransactionsTopic}\"}}"), Is.Zero);
        }

        await Assert.ThatAsync(() => StartServiceAsync((Before, "")), Throws.InstanceOf<StartFaultsException>()
            .With.Message.Contains("as Redis:PreviousEntityHashSecret to replace it without losing history"));
        await Assert.ThatAsync(() => StartServiceAsync((Before, After)), Throws.InstanceOf<StartFaultsException>().With.Message.Contains(
            "Redis:EntityHashSecret: was in use before Redis:PreviousEntityHashSecret"));
        await using (var service = await StartServiceAsync((After, "")))
        {
            Assert.That(await CountAsync(service, "moved"), Is.EqualTo(4));
            Assert.That(await CountAsync(service, "erased"), Is.EqualTo(1));
            Assert.That(await CountAsync(service, "restored"), Is.EqualTo(1), "stored without the history when it moved");
        }
    }

    private Task<ServiceUnderTest> StartServiceAsync((string Current, string Previous) secrets) => ServiceUnderTest.StartAsync(
        _backends, ("Redis:Configuration", Configuration), ("Redis:EraseAllowed", "true"), ("Labels:SearchIntervalSeconds", "1"),
        ("Redis:EntityHashSecret", secrets.Current), ("Redis:PreviousEntityHashSecret", secrets.Previous));

    private string Configuration => _redis?.Configuration ?? _cluster!.Configuration;

    /// <summary>Makes the payment of a label that was parked under the former secret, once the label waits under the current one.</summary>
    private async Task PayAwaitedAsync(ServiceUnderTest service)
    {
        var awaited = service.Services.GetRequiredService<DeploymentHost>().Current.Keys.HashTransaction("awaited");
        await Eventually.IsTrueAsync(async () =>
            (await Transactions(service).ParkedAsync(awaited.Bucket)).Any(label => label.Transaction == awaited));
        await service.PublishAsync(ServiceUnderTest.NewPayment("awaited", "awaited", _now.AddMinutes(-30)));
        await Eventually.IsTrueAsync(async () => await FeatureAsync(service, "awaited", "card_fraud_count_30d") == 1);
        await Eventually.IsTrueAsync(async () => await Transactions(service).CountParkedAsync() == 0);
    }

    private static TransactionIndex Transactions(ServiceUnderTest service) =>
        service.Services.GetRequiredService<DeploymentHost>().Current.Transactions;

    private LabelEvent Fraud(string transactionId, string card = "moved") => new()
    {
        TransactionId = transactionId, Fraud = true, Source = "chargeback", CardToken = card,
        EventTime = Timestamp.FromDateTimeOffset(_now.AddMinutes(-30)), LabelTime = Timestamp.FromDateTimeOffset(_now.AddMinutes(-20)),
    };

    private async Task CorruptAsync(ServiceUnderTest service, string card)
    {
        var keys = service.Services.GetRequiredService<DeploymentHost>().Current.Keys;
        await using var client = await ConnectionMultiplexer.ConnectAsync(Configuration);
        await client.GetDatabase().StringSetRangeAsync(
            keys.Name(0, keys.HashEntity(0, new Core.Payments.EntityTokens { Card = card })), 20, "garbage");
    }

    /// <summary>Erases a card, and brings its profile back, as a snapshot from before would.</summary>
    private async Task EraseAndRestoreAsync(ServiceUnderTest service, string card)
    {
        var keys = service.Services.GetRequiredService<DeploymentHost>().Current.Keys;
        var name = keys.Name(0, keys.HashEntity(0, new Core.Payments.EntityTokens { Card = card }));
        await using var client = await ConnectionMultiplexer.ConnectAsync(Configuration);
        var before = await client.GetDatabase().StringGetAsync(name);
        await new FeatureService.FeatureServiceClient(service.GrpcChannel).EraseEntitiesAsync(
            new EraseEntitiesRequest { Entities = new EntityTokens { CardToken = card } });
        await client.GetDatabase().StringSetAsync(name, before);
    }

    private static Task<double> CountAsync(ServiceUnderTest service, string card) => FeatureAsync(service, card, "card_count_24h");

    /// <summary>The count, or -1 while the profile cannot be read.</summary>
    private static async Task<double> CountOrNoneAsync(ServiceUnderTest service, string card)
    {
        try
        {
            return await CountAsync(service, card);
        }
        catch (Grpc.Core.RpcException e) when (e.StatusCode == Grpc.Core.StatusCode.Unavailable)
        {
            return -1;
        }
    }

    private static async Task<double> FeatureAsync(ServiceUnderTest service, string card, string feature) =>
        (await new FeatureService.FeatureServiceClient(service.GrpcChannel).ShowFeaturesAsync(
            new ShowFeaturesRequest { Entities = new EntityTokens { CardToken = card } }))
        .Features.Single(reading => reading.Name == feature).Value;
}
