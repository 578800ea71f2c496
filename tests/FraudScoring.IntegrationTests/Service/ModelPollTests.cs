using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Oip;
using FraudScoring.Server.Monitoring;
using FraudScoring.V1;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>The service polls for changed models.</summary>
[TestFixtureSource(nameof(Embedded))]
public sealed class ModelPollTests(Backends backends)
{
    private static IEnumerable<TestFixtureData> Embedded => Backends.Both.Skip(1);

    [OneTimeSetUp]
    public Task StartAsync() => backends.StartAsync();

    [Test]
    public async Task Poll_ModelsThatComeChangeAndGo_AreTakenOver_AndABadOneStopsNothing()
    {
        using var userModels = new UserModelFiles();
        using var models = new ModelsCopy();
        await using var service = await ServiceUnderTest.StartAsync(
            backends, ("Scoring:ModelsFolder", models.Folder), ("Models:UserModelsFolder", userModels.Root),
            ("Models:PollSeconds", "1"));
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(service.GrpcChannel);
        async Task<bool> IsReadyAsync(string name, string version) =>
            (await client.ModelReadyAsync(new ModelReadyRequest { Name = name, Version = version })).Ready;

        userModels.Put("broken", "1", UserModelFiles.Oracle("served", "cases.json"));
        userModels.Put("mlp", "1", UserModelFiles.Oracle("served", "mlp.onnx"));
        await Eventually.IsTrueAsync(() => IsReadyAsync("mlp", "1"));
        Assert.That(await IsReadyAsync("broken", "1"), Is.False);
        Directory.Delete(userModels.Folder("mlp", "1"), recursive: true);
        await Eventually.IsTrueAsync(async () => !await IsReadyAsync("mlp", "1"));

        models.CopyBundle("payments", "2");
        models.Register("2");
        await Eventually.IsTrueAsync(async () =>
            (await service.Scoring.ScoreAsync(
                new ScoreRequest { Payment = ServiceUnderTest.NewPayment($"t-{Guid.NewGuid():N}") })).Assessment.ModelVersion == "2");
        await Eventually.IsTrueAsync(async () => !await IsReadyAsync("payments", "1"));
    }

    [Test]
    public async Task Poll_RatesThatChange_AreUsed_AndBadOnesChangeNothing()
    {
        using var models = new ModelsCopy();
        await using var service = await ServiceUnderTest.StartAsync(
            backends, ("Scoring:ModelsFolder", models.Folder), ("Models:PollSeconds", "1"));
        var file = Path.Combine(models.Folder, "rates.json");
        var counter = "fraud_payments_without_rate_total{currency=\"XCG\",path=\"score\"}";
        var before = await service.MetricAsync(counter);
        var unknown = await ScoreAsync();
        Assert.That(unknown.Features[service.Catalogue.IndexOf("amount")], Is.NaN);
        Assert.That(unknown.RatesHash, Is.EqualTo(service.Rates.Hash));
        Assert.That(unknown.Assessment.Degradations, Is.Empty);
        Assert.That(await service.MetricAsync(counter), Is.EqualTo(before + 1));

        await ReplaceAsync("0.5", amount => amount == 24.95f);
        await File.WriteAllTextAsync(file, "{");
        await ReplaceAsync("2", amount => amount == 99.8f, stale: 24.95f);

        async Task ReplaceAsync(string rate, Predicate<float> isExpected, float stale = float.NaN)
        {
            await Task.Delay(TimeSpan.FromSeconds(1.5));
            Assert.That((await ScoreAsync()).Features[service.Catalogue.IndexOf("amount")], Is.EqualTo(stale));
            await File.WriteAllTextAsync(
                file, $$"""{"reference_currency": "EUR", "rates": {"XCG": {"2000-01-01": {{rate}} } } }""");
            await Eventually.IsTrueAsync(async () => isExpected((await ScoreAsync()).Features[service.Catalogue.IndexOf("amount")]));
        }

        async Task<DecisionEvent> ScoreAsync()
        {
            var payment = ServiceUnderTest.NewPayment($"rate-{Guid.NewGuid():N}");
            (payment.Currency, payment.Amount) = ("XCG", "49.90");
            await service.Scoring.ScoreAsync(new ScoreRequest { Payment = payment });
            return await service.DecisionAsync(payment.TransactionId);
        }
    }

    [Test]
    public async Task Poll_ChampionTrainedWithAnotherPolicy_IsReported_UntilTheOldOneIsBack()
    {
        using var models = new ModelsCopy();
        await using var service = await ServiceUnderTest.StartAsync(
            backends, ("Scoring:ModelsFolder", models.Folder), ("Models:PollSeconds", "1"));
        Assert.That(ServerMetrics.PolicyDiffers.Value, Is.Zero);

        models.CopyBundle("payments", "2");
        models.ChangeManifest(Path.Combine("payments", "2"), manifest => manifest["policy_hash"] = new string('0', 64));
        models.Register("2");
        await Eventually.IsTrueAsync(() => ServerMetrics.PolicyDiffers.Value == 1);
        models.Register("1");
        await Eventually.IsTrueAsync(() => ServerMetrics.PolicyDiffers.Value == 0);
    }
}
