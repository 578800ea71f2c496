using System.Text.Json.Nodes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using FraudScoring.Core.Features;
using FraudScoring.Core.Profiles;
using FraudScoring.Core.Profiles.Codec;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Hosting;
using FraudScoring.Server.Streams;
using FraudScoring.V1;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>What was erased stays erased, whatever reads the log again. What happens after the erasure counts.</summary>
public sealed class ErasureTests
{
    private const int Payments = 4;
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

    /// <summary>As after a snapshot from before the erasure was restored.</summary>
    [Test]
    public async Task AProfileFromBeforeTheErasure_ComesBackWithoutTheHistory()
    {
        const string card = "card-of-a-snapshot";
        await using var service = await StartServiceAsync(("Redis:EraseAllowed", "true"));
        await PublishAsync(service, card);
        Assert.That(await service.FeatureAsync(ServiceUnderTest.NewPayment($"{card}-scored", card), "card_attempts_10m"), Is.EqualTo(1));
        await using var client = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        var database = client.GetDatabase();
        var names = NamesOf(service, card);
        var before = await database.StringGetAsync(names);
        Assert.That(before.Select(value => value.IsNull), Is.All.False);

        await Client(service).EraseEntitiesAsync(new EraseEntitiesRequest { Entities = new EntityTokens { CardToken = card } });
        await database.StringSetAsync([.. names.Zip(before, KeyValuePair.Create)]);

        Assert.That(await CountAsync(service, card), Is.Zero);
        Assert.That(await FraudsAsync(service, card), Is.Zero);
        await service.Scoring.ScoreAsync(new ScoreRequest { Payment = ServiceUnderTest.NewPayment($"{card}-next", card) });
        var features = (await service.DecisionAsync($"{card}-next")).Features;
        Assert.That(new[] { "card_count_24h", "card_fraud_count_30d", "card_merchant_count_30d", "card_attempts_10m" }
            .Select(name => features[service.Catalogue.IndexOf(name)]), Is.EqualTo(new[] { 0f, 0f, 0f, 1f }));

        await service.PublishAsync(ServiceUnderTest.NewPayment($"{card}-after", card));
        await Eventually.IsTrueAsync(async () => await CountAsync(service, card) == 1);
        var stored = new EntityProfile(service.Catalogue.Entities[0]);
        Assert.That(ProfileCodec.Read((byte[])(await database.StringGetAsync(names[0]))!, stored), Is.EqualTo(ProfileFault.None));
        Assert.That((stored.Recent.Length, stored.Labels.Recent.Count), Is.EqualTo((1, 0)), "the next write stores it without the history");
        Assert.That(stored.Applied.Count, Is.Positive);
    }

    /// <summary>The repair reads the log for minutes, and may have read the payments before the erasure.</summary>
    [Test]
    public async Task AProfileThatIsErasedWhileItIsRebuilt_IsReplacedWithoutTheHistory()
    {
        const string card = "card-of-a-repair";
        await using var service = await StartServiceAsync(("Redis:EraseAllowed", "true"));
        await PublishAsync(service, card);
        await using var client = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        var (database, name) = (client.GetDatabase(), NamesOf(service, card)[0]);
        var rebuilt = new EntityProfile(service.Catalogue.Entities[0]);
        Assert.That(ProfileCodec.Read((byte[])(await database.StringGetAsync(name))!, rebuilt), Is.EqualTo(ProfileFault.None));
        await Client(service).EraseEntitiesAsync(new EraseEntitiesRequest { Entities = new EntityTokens { CardToken = card } });
        await database.StringSetRangeAsync(name, 20, "garbage");

        var (services, deployment) = (service.Services, service.Services.GetRequiredService<DeploymentHost>().Current);
        var found = new CorruptProfile(0, deployment.Keys.HashEntity(0, new Core.Payments.EntityTokens { Card = card }));
        var writer = new RedisProfileWriter(services.GetRequiredService<RedisConnections>(), services.GetRequiredService<RedisRetry>(),
            deployment.Keys, null, new CorruptProfiles(), deployment.Secret, services.GetRequiredService<RedisOptions>(),
            TimeProvider.System, NullLogger<RedisProfileWriter>.Instance);
        var reached = new SortedList<int, long>((await writer.ReadMarkersAsync(found.Key.Bucket)).ToDictionary(m => m.Source, m => m.Next));
        Assert.That(await writer.ReplaceAsync(found, rebuilt, reached), Is.True);
        Assert.That(ProfileCodec.Read((byte[])(await database.StringGetAsync(name))!, rebuilt), Is.EqualTo(ProfileFault.None));
        Assert.That((rebuilt.Recent.Length, rebuilt.Labels.Recent.Count), Is.EqualTo((0, 0)));
        Assert.That(await CountAsync(service, card), Is.Zero);
    }

    /// <summary>The instance that erases has no Scoring:NextModelsFolder.</summary>
    [Test]
    public async Task ACardErasedElsewhere_HasNoHistoryUnderTheNextCatalogue()
    {
        const string card = "card-of-the-next-catalogue";
        using var models = new ModelsCopy();
        AddFeature(models);
        var next = CatalogueReader.Parse(File.ReadAllBytes(Path.Combine(models.Folder, "features.json")), new())!;
        await using var eraser = await StartServiceAsync(("Redis:EraseAllowed", "true"));
        await PublishAsync(eraser, card);
        await using var client = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        await using var filling = await StartServiceAsync(("Scoring:NextModelsFolder", models.Folder));
        await Eventually.IsTrueAsync(() => filling.Catalogue.LayoutHash == next.LayoutHash);
        Assert.That(await CountAsync(filling, card), Is.EqualTo(Payments));
        await Client(eraser).EraseEntitiesAsync(new EraseEntitiesRequest { Entities = new EntityTokens { CardToken = card } });
        var stored = new EntityProfile(next.Entities[0]);
        var name = NamesOf(filling, card)[0];
        Assert.That(ProfileCodec.Read((byte[])(await client.GetDatabase().StringGetAsync(name))!, stored), Is.EqualTo(ProfileFault.None));
        Assert.That(stored.Recent.Length, Is.EqualTo(Payments), "the call does not reach it");
        Assert.That(await CountAsync(filling, card), Is.Zero);
        Assert.That(await FraudsAsync(filling, card), Is.Zero);
        Assert.That(await filling.FeatureAsync(ServiceUnderTest.NewPayment($"{card}-next", card), "card_count_24h"), Is.Zero);
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

    /// <summary>Otherwise the first calls would read a profile that came back with the erased history.</summary>
    [Test]
    public async Task AStart_ReadsAllErasures_BeforeTheFirstCall()
    {
        const string card = "card-of-the-last-erasure";
        var topic = $"{_backends.Prefix}erasures-many";
        await using (var service = await StartServiceAsync(("Redis:EraseAllowed", "true"), ("Kafka:ErasuresTopic", topic)))
        {
            var keys = service.Services.GetRequiredService<DeploymentHost>().Current.Keys;
            var name = keys.Name(0, keys.HashEntity(0, new Core.Payments.EntityTokens { Card = card }));
            await PublishAsync(service, card);
            await using var client = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
            var before = await client.GetDatabase().StringGetAsync(name);
            var until = Timestamp.FromDateTimeOffset(_now);
            await Task.WhenAll(Enumerable.Range(0, 200_000).Select(i => service.PublishAsync(
                topic, $"other-{i}", new ErasureEvent { Hashes = { (ulong)i }, ErasedUntil = until }.ToByteArray())));
            await Client(service).EraseEntitiesAsync(new EraseEntitiesRequest { Entities = new EntityTokens { CardToken = card } });
            await client.GetDatabase().StringSetAsync(name, before);
        }

        await using (var service = await StartServiceAsync(("Kafka:ErasuresTopic", topic)))
        {
            Assert.That(await CountAsync(service, card), Is.Zero);
        }
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

    /// <summary>Publishes some payments of a card, and a label of one.</summary>
    private async Task PublishAsync(ServiceUnderTest service, string card)
    {
        for (var i = 0; i < Payments; i++)
        {
            await service.PublishAsync(ServiceUnderTest.NewPayment($"{card}-{i}", card, _now.AddMinutes(-50 + i)));
        }
        await Eventually.IsTrueAsync(async () => await CountAsync(service, card) == Payments);
        await service.PublishAsync(Fraud(card, 0, card));
        await Eventually.IsTrueAsync(async () => await FraudsAsync(service, card) == 1);
    }

    /// <summary>The keys of the card, of the card at its merchant, and of the card's score requests.</summary>
    private static RedisKey[] NamesOf(ServiceUnderTest service, string card)
    {
        var keys = service.Services.GetRequiredService<DeploymentHost>().Current.Keys;
        var tokens = new Core.Payments.EntityTokens { Card = card, Merchant = "merchant-1" };
        var pair = service.Catalogue.Entities.Single(entity => entity.Name == "card_merchant").Index;
        var key = keys.HashEntity(0, tokens);
        return [keys.Name(0, key), keys.Name(pair, keys.HashEntity(pair, tokens)), ProfileKeys.AttemptsOf(keys.Name(0, key))];
    }

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
