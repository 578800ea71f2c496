using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.V1;
using Grpc.Core;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>
/// Redis behind a proxy: the client does not see the cluster, and the keys of a command must be in one bucket. A cluster of one node stands
/// in for the proxy. The client treats it as a proxy, and it accepts the same commands and rejects keys in several hash slots.
/// </summary>
public sealed class ProxyTests
{
    private RedisCluster _cluster = null!;
    private ServiceUnderTest _service = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        var backends = Backends.Real();
        await backends.StartKafkaAsync();
        _cluster = await RedisCluster.StartNewAsync(1, RedisPersistence.None);
        _service = await ServiceUnderTest.StartAsync(
            backends, ("Redis:Configuration", _cluster.Configuration + ",proxy=Envoyproxy"), ("Redis:EraseAllowed", "true"));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [Test]
    public async Task EventsLabelsAndScores_OfManyBuckets_AreSentBucketByBucket()
    {
        const int payments = 200;
        var now = TimeProvider.System.GetUtcNow();
        for (var i = 0; i < payments; i++)
        {
            var payment = ServiceUnderTest.NewPayment($"proxied-{i}", $"card-{i % 20}", now.AddMinutes(-50).AddSeconds(i));
            await _service.PublishAsync(payment);
            await _service.PublishAsync(new LabelEvent
            {
                TransactionId = payment.TransactionId, EventTime = payment.EventTime, LabelTime = payment.EventTime, Fraud = true,
            });
        }
        foreach (var card in Enumerable.Range(0, 20).Select(i => $"card-{i}"))
        {
            await Eventually.IsTrueAsync(async () => await CountAsync(card) == payments / 20);
            var answer = await _service.Scoring.ScoreAsync(
                new ScoreRequest { Payment = ServiceUnderTest.NewPayment($"scored-{card}", card) });
            Assert.That(answer.Assessment.Degradation, Is.Not.EqualTo(Degradation.MissingFeatures));
        }
        // Wait for an offset commit, which moves the markers of all buckets.
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.That(await CrossSlotErrorsAsync(), Is.Zero);
    }

    [Test]
    public async Task Erase_OfAnEntityWithPairs_IsRefusedWithTheRemedy_AndOfOthersDone()
    {
        await _service.PublishAsync(ServiceUnderTest.NewPayment("kept-1", "card-kept"));
        await Eventually.IsTrueAsync(async () => await CountAsync("card-kept") == 1);
        var features = new FeatureService.FeatureServiceClient(_service.GrpcChannel);
        Assert.That(
            async () =>
                await features.EraseEntitiesAsync(new EraseEntitiesRequest { Entities = new EntityTokens { CardToken = "card-kept" } }),
            Throws.InstanceOf<RpcException>().With.Property("StatusCode").EqualTo(StatusCode.FailedPrecondition)
                .And.Message.Contains("Nothing was erased").And.Message.Contains("without a proxy"));
        Assert.That(await CountAsync("card-kept"), Is.EqualTo(1));
        var receipt = await features.EraseEntitiesAsync(
            new EraseEntitiesRequest { Entities = new EntityTokens { DeviceToken = "device-of-card-kept" } });
        Assert.That(receipt.Erased.Single().Profiles, Is.EqualTo(1));
    }

    private async Task<double> CountAsync(string card)
    {
        var shown = await new FeatureService.FeatureServiceClient(_service.GrpcChannel)
            .ShowFeaturesAsync(new ShowFeaturesRequest { Entities = new EntityTokens { CardToken = card } });
        return shown.Features.Single(feature => feature.Name == "card_count_24h").Value;
    }

    /// <summary>The number of commands that the node rejected because their keys were in several hash slots.</summary>
    private async Task<int> CrossSlotErrorsAsync()
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync(_cluster.Configuration + ",allowAdmin=true");
        var errors = (await client.GetServer(_cluster.Configuration).InfoAsync("errorstats")).SelectMany(section => section);
        return errors.Count(error => error.Key == "errorstat_CROSSSLOT");
    }
}
