using System.Text.Json.Nodes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using FraudScoring.Core.Features;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Hosting;
using FraudScoring.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>What was erased stays erased, whatever reads the log again. What happens after the erasure counts.</summary>
public sealed class ErasureTests
{
    private const string Erased = "card-to-erase", Kept = "card-to-keep", Ahead = "card-with-payment-after";

    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private Backends _backends = null!;
    private RedisServer _redis = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _backends = Backends.Real();
        await _backends.StartKafkaAsync();
        _redis = await RedisServer.StartNewAsync(RedisPersistence.None);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await (_redis?.DisposeAsync() ?? default);

    [Test]
    public async Task AnErasedCard_StaysErased_AfterALoss_ARepair_AndAnotherCatalogue()
    {
        await using (var service = await StartServiceAsync(
            ("Redis:EraseAllowed", "true"), ("Scoring:MaxEventAheadSeconds", "600")))
        {
            foreach (var card in new[] { Erased, Kept })
            {
                for (var i = 0; i < 5; i++)
                {
                    await service.PublishAsync(ServiceUnderTest.NewPayment($"{card}-{i}", card, _now.AddMinutes(-50 + i)));
                }
                await Eventually.IsTrueAsync(async () => await CountAsync(service, card) == 5);
                await service.PublishAsync(Fraud(card, 0, card));
                await service.PublishAsync(Fraud(card, 1, null));
                await Eventually.IsTrueAsync(async () => await FraudsAsync(service, card) == 2);
            }
            await service.PublishAsync(ServiceUnderTest.NewPayment($"{Ahead}-0", Ahead, _now.AddMinutes(-50)));
            await service.PublishAsync(ServiceUnderTest.NewPayment($"{Ahead}-1", Ahead, _now.AddMinutes(5)));
            await Eventually.IsTrueAsync(() => AheadAsync(service, 2));
            await Client(service).EraseEntitiesAsync(new EraseEntitiesRequest { Entities = new EntityTokens { CardToken = Ahead } });
            Assert.That(await AheadAsync(service, 1), Is.True, "a rebuild would count it, too");
            var receipt = await Client(service).EraseEntitiesAsync(
                new EraseEntitiesRequest { Entities = new EntityTokens { CardToken = Erased } });
            Assert.That(receipt.Erased.Sum(erased => erased.Profiles), Is.EqualTo(2), "the card, and the card at its merchant");

            // Late records of the time before do not count either.
            await service.PublishAsync(ServiceUnderTest.NewPayment($"{Erased}-late", Erased, _now.AddMinutes(-30)));
            await service.PublishAsync(Fraud(Erased, 2, Erased));
            await service.PublishAsync(Fraud(Erased, 3, null));
            await service.PublishAsync(ServiceUnderTest.NewPayment($"{Erased}-after", Erased));
            await Eventually.IsTrueAsync(async () => await CountAsync(service, Erased) == 1);
            Assert.That(await CountAsync(service, Kept), Is.EqualTo(5));

            await _redis.FlushAllAsync();
            await RebuiltAsync(service);

            var repaired = await service.MetricAsync("fraud_profiles_repaired_total");
            await CorruptAsync(service);
            await service.Scoring.ScoreAsync(new ScoreRequest { Payment = ServiceUnderTest.NewPayment("erased-probe", Erased) });
            await Eventually.IsTrueAsync(async () => await service.MetricAsync("fraud_profiles_repaired_total") > repaired);
            await RebuiltAsync(service);
        }

        using var models = new ModelsCopy();
        AddFeature(models);
        await using var next = await StartServiceAsync(("Scoring:NextModelsFolder", models.Folder));
        await Eventually.IsTrueAsync(() => next.Catalogue.IndexOf("card_distinct_ips_24h") >= 0);
        await RebuiltAsync(next);
    }

    [Test]
    public async Task TheTopicOfErasures_IsCreatedCompacted_AndAnotherOneIsRefused()
    {
        var topic = $"{_backends.Prefix}erasures-{Guid.NewGuid():N}";
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _backends.BootstrapServers }).Build();
        await using (await StartServiceAsync(("Kafka:ErasuresTopic", topic)))
        {
            Assert.That(admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.Exists(known => known.Topic == topic), Is.False,
                "an instance that erases nothing needs no topic");
        }
        await using (await StartServiceAsync(("Kafka:ErasuresTopic", topic), ("Redis:EraseAllowed", "true")))
        {
            var configs = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = topic }]);
            Assert.That(configs[0].Entries["cleanup.policy"].Value, Is.EqualTo("compact"));
        }
        var deleting = await _backends.TopicAsync("erasures-deleting");
        await Assert.ThatAsync(() => StartServiceAsync(("Kafka:ErasuresTopic", deleting)),
            Throws.InstanceOf<StartFaultsException>().With.Message.Contains(
                $"Kafka:ErasuresTopic: topic {deleting} deletes records (cleanup.policy=delete), and erased history could come back"));
    }

    [Test]
    public async Task KafkaIsAway_NothingIsErased_AndTheAnswerSaysSo()
    {
        await using var service = await StartServiceAsync(
            ("Redis:EraseAllowed", "true"), ("Kafka:BootstrapServers", $"127.0.0.1:{Ports.Free()}"));
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await Client(service).EraseEntitiesAsync(
            new EraseEntitiesRequest { Entities = new EntityTokens { CardToken = "card-of-an-outage" } }));
        Assert.That(failure!.StatusCode, Is.EqualTo(StatusCode.Unavailable));
        Assert.That(failure.Status.Detail, Does.StartWith("Kafka did not record the erasure, so no profile was erased: ")
            .And.EndWith(" Retry the call."));
    }

    private Task<ServiceUnderTest> StartServiceAsync(params (string, string)[] settings) =>
        ServiceUnderTest.StartAsync(_backends, [("Redis:Configuration", _redis.Configuration), .. settings]);

    private static FeatureService.FeatureServiceClient Client(ServiceUnderTest service) => new(service.GrpcChannel);

    /// <summary>Waits until both cards have what they should, and makes sure that nothing more arrives.</summary>
    private static async Task RebuiltAsync(ServiceUnderTest service)
    {
        await Eventually.IsTrueAsync(async () => await CountAsync(service, Kept) == 5 && await FraudsAsync(service, Kept) == 2
            && await CountAsync(service, Erased) == 1);
        await Eventually.IsTrueAsync(async () => (await ShowAsync(service, Kept)).LagSeconds == 0);
        Assert.That(await CountAsync(service, Erased), Is.EqualTo(1));
        Assert.That(await FraudsAsync(service, Erased), Is.Zero);
    }

    /// <summary>True if the card has this number of payments, one of them later than the erasure.</summary>
    private async Task<bool> AheadAsync(ServiceUnderTest service, double count) => await service.FeatureAsync(
        ServiceUnderTest.NewPayment($"ahead-{Guid.NewGuid():N}", Ahead, _now.AddMinutes(6)), "card_count_24h") == count;

    private LabelEvent Fraud(string card, int payment, string? token) => new()
    {
        TransactionId = $"{card}-{payment}", Fraud = true, Source = "chargeback", CardToken = token ?? "",
        EventTime = Timestamp.FromDateTimeOffset(_now.AddMinutes(-50 + payment)),
        LabelTime = Timestamp.FromDateTimeOffset(_now.AddMinutes(-20)),
    };

    private async Task CorruptAsync(ServiceUnderTest service)
    {
        var keys = service.Services.GetRequiredService<DeploymentHost>().Current.Keys;
        await using var client = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        await client.GetDatabase().StringSetRangeAsync(
            keys.Name(0, keys.HashEntity(0, new Core.Payments.EntityTokens { Card = Erased })), 20, "garbage");
    }

    private static void AddFeature(ModelsCopy models)
    {
        var path = Path.Combine(models.Folder, "features.json");
        var catalogue = JsonNode.Parse(File.ReadAllText(path))!;
        catalogue["features"]!.AsArray().Add(JsonNode.Parse(
            """
            {"name": "card_distinct_ips_24h", "text": "Different IP addresses of the card in 24h", "entity": "card",
             "aggregate": "distinct", "window": "24h", "value": "ip_address"}
            """));
        File.WriteAllText(path, catalogue.ToJsonString());
        var hash = CatalogueReader.Parse(File.ReadAllBytes(path), new())!.Hash;
        models.ChangeManifest(Path.Combine("payments", "1"), manifest => manifest["catalogue_hash"] = hash);
    }

    private static Task<double> CountAsync(ServiceUnderTest service, string card) => FeatureAsync(service, card, "card_count_24h");

    private static Task<double> FraudsAsync(ServiceUnderTest service, string card) => FeatureAsync(service, card, "card_fraud_count_30d");

    private static async Task<double> FeatureAsync(ServiceUnderTest service, string card, string feature) =>
        (await ShowAsync(service, card)).Features.Single(reading => reading.Name == feature).Value;

    private static async Task<ShowFeaturesResponse> ShowAsync(ServiceUnderTest service, string card) =>
        await Client(service).ShowFeaturesAsync(new ShowFeaturesRequest { Entities = new EntityTokens { CardToken = card } });
}
