using System.Runtime.CompilerServices;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Deployments;
using FraudScoring.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>Data about entities: counted by requests, shown, and erased.</summary>
[TestFixtureSource(typeof(Backends), nameof(Backends.All))]
public sealed class FeatureServiceTests(Backends backends)
{
    private ServiceUnderTest _service = null!;
    private FeatureService.FeatureServiceClient _features = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        await backends.StartAsync();
        _service = await ServiceUnderTest.StartAsync(backends, ("Redis:EraseAllowed", "true"));
        _features = new FeatureService.FeatureServiceClient(_service.GrpcChannel);
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
    public async Task Score_32ConcurrentRequestsOnANewCard_EachSeesADifferentCount()
    {
        var now = TimeProvider.System.GetUtcNow();
        var payments = Enumerable.Range(0, 32).Select(i => ServiceUnderTest.NewPayment($"burst-{i}", "card-burst", now)).ToList();
        await Task.WhenAll(payments.Select(payment => _service.Scoring.ScoreAsync(new ScoreRequest { Payment = payment }).ResponseAsync));
        Assert.That(await AttemptsAsync(payments.Select(p => p.TransactionId)), Is.EquivalentTo(Enumerable.Range(1, 32)));
        // Scoring the same payment again is not a new attempt.
        await _service.Scoring.ScoreAsync(new ScoreRequest { Payment = ServiceUnderTest.NewPayment("calm-1", "card-calm", now) });
        await _service.Scoring.ScoreAsync(new ScoreRequest { Payment = ServiceUnderTest.NewPayment("calm-1", "card-calm", now) });
        await _service.Scoring.ScoreAsync(new ScoreRequest { Payment = ServiceUnderTest.NewPayment("calm-2", "card-calm", now) });
        Assert.That(await AttemptsAsync(["calm-2"]), Is.EqualTo(new[] { 2f }));
    }

    [Test]
    public async Task ShowFeatures_OfACard_GivesValueWindowAgeAndState_AndCountsNothing()
    {
        var now = TimeProvider.System.GetUtcNow();
        for (var i = 0; i < 30; i++)
        {
            await _service.PublishAsync(ServiceUnderTest.NewPayment($"shown-{i}", "card-shown", now.AddMinutes(-30 + i)));
        }
        await Eventually.IsTrueAsync(async () => Find(await ShowAsync("card-shown"), "card_count_24h").Value == 30);
        var response = await ShowAsync("card-shown");
        using (Assert.EnterMultipleScope())
        {
            var count = Find(response, "card_count_24h");
            Assert.That((count.Entity, count.Unit, count.WindowSeconds, count.State),
                Is.EqualTo(("card", "payments", 86_400.0, FeatureState.Present)));
            Assert.That(count.AgeSeconds, Is.InRange(60, 120));
            Assert.That(
                Find(response, "card_same_device_30d").State, Is.EqualTo(FeatureState.Absent), "the request names no device");
            var withDevice = await _features.ShowFeaturesAsync(
                new ShowFeaturesRequest { Entities = new EntityTokens { CardToken = "card-shown", DeviceToken = "device-of-card-shown" } });
            Assert.That(Find(withDevice, "card_same_device_30d").State, Is.EqualTo(FeatureState.Saturated),
                "24 of 30 payments are kept one by one");
            Assert.That(Find(withDevice, "card_same_device_30d").Value, Is.EqualTo(24));
            Assert.That(Find(response, "card_distance").State, Is.EqualTo(FeatureState.Absent), "no payment has a location");
            Assert.That(Find(response, "card_distance").HasValue, Is.False);
            Assert.That(response.Features.Select(f => f.Entity), Is.All.EqualTo("card"), "the request names no other entity");
            Assert.That(Find(await ShowAsync("card-shown"), "card_attempts_10m").Value, Is.Zero, "showing features is not an attempt");
        }
    }

    [Test]
    public async Task EraseEntities_OfACard_EmptiesItsProfiles_AndARewindDoesNotRestoreThem()
    {
        var now = TimeProvider.System.GetUtcNow();
        for (var i = 0; i < 5; i++)
        {
            var payment = ServiceUnderTest.NewPayment($"erased-{i}", "card-erased", now.AddMinutes(-30 + i));
            payment.MerchantId = $"merchant-erased-{i % 2}";
            await _service.PublishAsync(payment);
        }
        await Eventually.IsTrueAsync(async () => Find(await ShowAsync("card-erased"), "card_count_24h").Value == 5);
        var receipt = await _features.EraseEntitiesAsync(
            new EraseEntitiesRequest { Entities = new EntityTokens { CardToken = "card-erased" } });
        Assert.That(receipt.Erased.ToDictionary(e => e.Entity, e => e.Profiles),
            Is.EquivalentTo(new Dictionary<string, int> { ["card"] = 1, ["card_merchant"] = 2 }));
        Assert.That(receipt.ToString(), Does.Not.Contain("card-erased"));
        Assert.That(Find(await ShowAsync("card-erased"), "card_count_24h").Value, Is.Zero);

        await using (var again = await ServiceUnderTest.StartAsync(backends, ("Kafka:GroupId", backends.Prefix + "after-erasure")))
        {
            await again.PublishAsync(ServiceUnderTest.NewPayment("erased-after", "card-erased"));
            await Eventually.IsTrueAsync(async () => Find(await ShowAsync("card-erased"), "card_count_24h").Value >= 1);
        }
        Assert.That(Find(await ShowAsync("card-erased"), "card_count_24h").Value, Is.EqualTo(1));
        var twice = await _features.EraseEntitiesAsync(
            new EraseEntitiesRequest { Entities = new EntityTokens { MerchantId = "merchant-erased-0" } });
        Assert.That(twice.Remarks, Has.One.Contains("card_merchant holds profiles by card"));
    }

    [Test]
    public async Task EraseEntities_OfACard_ForgetsItsTokenInMemoryToo()
    {
        var remembered = Remember("card-remembered");
        GC.Collect();
        Assert.That(remembered.IsAlive, Is.True, "recently hashed texts are cached");
        await _features.EraseEntitiesAsync(new EraseEntitiesRequest { Entities = new EntityTokens { CardToken = "card-remembered" } });
        GC.Collect();
        Assert.That(remembered.IsAlive, Is.False);
    }

    [Test]
    public void BadInput_NamesTheFieldAndTheRemedy()
    {
        Assert.That(() => ShowAsync(""), Throws.InstanceOf<RpcException>().With.Property("StatusCode").EqualTo(StatusCode.InvalidArgument)
            .And.Message.Contains("entities.card_token: is missing, and so are all other tokens"));
        var ancient = new ShowFeaturesRequest
        {
            Entities = new EntityTokens { CardToken = "card-1" }, At = new Google.Protobuf.WellKnownTypes.Timestamp { Seconds = -1 },
        };
        Assert.That(async () => await _features.ShowFeaturesAsync(ancient),
            Throws.InstanceOf<RpcException>().With.Property("StatusCode").EqualTo(StatusCode.InvalidArgument).And.Message.Contains(
                "at: is not a time"));
        Assert.That(
            () => ShowAsync("4111111111111111"), Throws.InstanceOf<RpcException>().With.Message.Contains("looks like a card number"));
    }

    [Test]
    public async Task EraseEntities_NotAllowed_IsRefusedWithTheOptionsName()
    {
        await using var strict = await ServiceUnderTest.StartAsync(backends, ("Kafka:GroupId", backends.Prefix + "strict"));
        var client = new FeatureService.FeatureServiceClient(strict.GrpcChannel);
        Assert.That(
            async () =>
                await client.EraseEntitiesAsync(new EraseEntitiesRequest { Entities = new EntityTokens { CardToken = "card-kept" } }),
            Throws.InstanceOf<RpcException>().With.Property("StatusCode").EqualTo(StatusCode.PermissionDenied).And.Message.Contains(
                "Redis:EraseAllowed"));
    }

    /// <summary>Makes the service hash a card as it does during scoring. Only the service may hold a reference to the text.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference Remember(string card)
    {
        var text = new string(card.AsSpan());
        var label = new Core.Payments.Label { TransactionId = "-", LabelTimeMs = 0, EventTimeMs = 0, Fraud = false, Card = text };
        _service.Services.GetRequiredService<DeploymentHost>().Current.Keys.HashEntity(0, label);
        return new WeakReference(text);
    }

    private async Task<ShowFeaturesResponse> ShowAsync(string card) =>
        await _features.ShowFeaturesAsync(new ShowFeaturesRequest { Entities = new EntityTokens { CardToken = card } });

    private static FeatureReading Find(ShowFeaturesResponse response, string name) => response.Features.Single(f => f.Name == name);

    private async Task<float[]> AttemptsAsync(IEnumerable<string> transactions)
    {
        var index = _service.Catalogue.IndexOf("card_attempts_10m");
        return Array.ConvertAll(await _service.DecisionsAsync([.. transactions]), decision => decision.Features[index]);
    }
}
