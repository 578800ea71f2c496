using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using FraudScoring.Core.Features;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Hosting;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>
/// The profiles of a new catalogue are filled from the log while the old catalogue serves. It takes over once it has caught up.
/// </summary>
public sealed class BackfillTests
{
    private const int Payments = 20;
    private DirectoryInfo _folder = null!;

    [SetUp]
    public void Copy()
    {
        _folder = Directory.CreateTempSubdirectory("fraud-scoring-test-models-");
        var models = Path.Combine(AppContext.BaseDirectory, "models");
        foreach (var file in Directory.EnumerateFiles(models, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(_folder.FullName, Path.GetRelativePath(models, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    [TearDown]
    public void Remove() => _folder.Delete(recursive: true);

    [Test]
    public async Task ANewFeature_IsFilledFromTheLog_WhileTheServiceAnswers()
    {
        Change(catalogue => catalogue["features"]!.AsArray().Add(JsonNode.Parse(
            """
            {"name": "card_count_3h", "text": "Payments with the card in 3h", "entity": "card", "aggregate": "count", "window": "3h"}
            """)));
        var backends = Backends.Real();
        await backends.StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        await using (var before = await ServiceUnderTest.StartAsync(backends))
        {
            // No more payments than are kept individually, so that no tile is cut by a window.
            for (var i = 0; i < Payments; i++)
            {
                await before.PublishAsync(ServiceUnderTest.NewPayment($"filled-{i}", "card-filled", now.AddMinutes(-160 + i)));
            }
            await Eventually.IsTrueAsync(async () =>
                await before.FeatureAsync(ServiceUnderTest.NewPayment($"before-{Guid.NewGuid():N}", "card-filled", now),
                    "card_count_24h") == Payments);
        }

        await using var service = await ServiceUnderTest.StartAsync(backends, ("Scoring:NextModelsFolder", _folder.FullName));
        // The instance before may have stopped before it reported all partitions; until this one has read them, features are stale.
        var isFresh = false;
        for (var i = 0; service.Catalogue.IndexOf("card_count_3h") < 0; i++)
        {
            Assert.That(i, Is.LessThan(1000), "the next catalogue did not take over");
            var response = await service.ScoreWithHistoryAsync(
                new ScoreRequest { Payment = ServiceUnderTest.NewPayment($"during-{i}", "card-other", now) });
            isFresh |= response.Assessment.Degradation == Degradation.None;
            Assert.That(response.Assessment.Degradation, Is.EqualTo(isFresh ? Degradation.None : Degradation.StaleFeatures));
            await Task.Delay(20);
        }
        Assert.That(
            await service.FeatureAsync(ServiceUnderTest.NewPayment("after", "card-filled", now), "card_count_3h"), Is.EqualTo(Payments));
        Assert.That(await service.MetricAsync("fraud_catalogue_switches_total"), Is.GreaterThan(0));
    }

    /// <summary>The next catalogue changes what profiles keep, so its profiles are built from the whole log.</summary>
    [Test]
    public async Task AChangedLayout_TakesOverOnceTheWholeLogIsRead()
    {
        const int Cards = 2000, Events = 200_000;
        Change(catalogue => catalogue["features"]!.AsArray().Add(JsonNode.Parse(
            """
            {"name": "card_distinct_ips_24h", "text": "Different IP addresses of the card in 24h", "entity": "card",
             "aggregate": "distinct", "window": "24h", "value": "ip_address"}
            """)));
        var backends = Backends.Real();
        await backends.StartAsync();
        var topic = $"{backends.Prefix}next-{Guid.NewGuid():N}";
        await (await Servers.KafkaAsync()).CreateTopicAsync(topic, 3);
        var now = TimeProvider.System.GetUtcNow();
        await ProduceAsync(backends.BootstrapServers, topic, Events, i => ServiceUnderTest.NewPayment(
            $"next-{i}", $"card-{i % Cards}", now.AddMinutes(-100).AddMilliseconds(i)));

        await using var service = await ServiceUnderTest.StartAsync(
            backends, ("Kafka:TransactionsTopic", topic), ("Scoring:NextModelsFolder", _folder.FullName));
        var most = 0d;
        while (service.Catalogue.IndexOf("card_distinct_ips_24h") < 0)
        {
            most = Math.Max(most, await service.MetricAsync("fraud_backfill_remaining_records"));
            await Task.Delay(20);
        }
        var show = await new FeatureService.FeatureServiceClient(service.GrpcChannel).ShowFeaturesAsync(
            new ShowFeaturesRequest { Entities = new EntityTokens { CardToken = "card-7" } });
        Assert.That(show.Features.Single(feature => feature.Name == "card_count_24h").Value, Is.EqualTo(Events / Cards));
        Assert.That(most, Is.Positive);
        Assert.That(await service.MetricAsync("fraud_backfill_remaining_records"), Is.Zero);
    }

    [Test]
    public async Task AChangedMeaningUnderTheSameName_IsRefusedAtStart_WithAllFeatures()
    {
        Change(catalogue =>
        {
            foreach (var feature in catalogue["features"]!.AsArray().Where(f => (string?)f!["name"] is "card_count_1h" or "card_sum_1h"))
            {
                feature!["window"] = "2h";
            }
        });
        await using var app = Wiring.Build([], new Dictionary<string, string?> { ["Scoring:NextModelsFolder"] = _folder.FullName });
        await Assert.ThatAsync(() => app.StartAsync(),
            Throws.InstanceOf<StartFaultsException>().With.Message.Contains("meaning of card_count_1h")
                .And.Message.Contains("meaning of card_sum_1h")
                .And.Message.Contains("add a feature with a new name instead"));
    }

    private static async Task ProduceAsync(string bootstrapServers, string topic, int events, Func<int, Payment> payment)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = bootstrapServers, EnableIdempotence = true, LingerMs = 5, QueueBufferingMaxMessages = 1_000_000,
            Partitioner = Partitioner.Murmur2Random,
        }).Build();
        var failed = 0;
        for (var i = 0; i < events; i++)
        {
            var made = payment(i);
            producer.Produce(
                topic,
                new Message<byte[], byte[]>
                {
                    Key = Encoding.UTF8.GetBytes(made.CardToken), Value = new TransactionEvent { Payment = made }.ToByteArray(),
                },
                report => Interlocked.Add(ref failed, report.Error.IsError ? 1 : 0));
        }
        await Task.Run(() => producer.Flush(TimeSpan.FromSeconds(60)));
        Assert.That(failed, Is.Zero);
    }

    /// <summary>Changes the catalogue and adapts the model's manifest. The features that the model uses do not change.</summary>
    private void Change(Action<JsonNode> change)
    {
        var path = Path.Combine(_folder.FullName, "features.json");
        var catalogue = JsonNode.Parse(File.ReadAllText(path))!;
        change(catalogue);
        File.WriteAllText(path, catalogue.ToJsonString());
        var manifest = Path.Combine(_folder.FullName, "payments", "1", "manifest.json");
        var bundle = JsonNode.Parse(File.ReadAllText(manifest))!;
        bundle["catalogue_hash"] = CatalogueReader.Parse(File.ReadAllBytes(path), new())!.Hash;
        File.WriteAllText(manifest, bundle.ToJsonString());
    }
}
