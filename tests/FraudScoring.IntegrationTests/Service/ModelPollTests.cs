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
