using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Oip;
using FraudScoring.Server.Deployments;
using FraudScoring.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>
/// Many models in one service: called by the Open Inference Protocol and by name from payments, while they are loaded and unloaded.
/// </summary>
[TestFixtureSource(nameof(Embedded))]
public sealed class InferenceServiceTests(Backends backends)
{
    private ServiceUnderTest _service = null!;
    private GRPCInferenceService.GRPCInferenceServiceClient _client = null!;
    private UserModelFiles _userModels = null!;
    private ModelsCopy _models = null!;

    private static IEnumerable<TestFixtureData> Embedded => Backends.Both.Skip(1);

    private static IEnumerable<object> Cases => UserModelFiles.Cases;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        await backends.StartAsync();
        (_userModels, _models) = (new UserModelFiles(), new ModelsCopy());
        foreach (var one in UserModelFiles.Cases)
        {
            _userModels.Put(one.Name, "1", UserModelFiles.Oracle("served", one.Model));
        }
        _userModels.Put("lightgbm", "1", UserModelFiles.Oracle("trees", "lightgbm", "model.onnx"),
            UserModelFiles.Oracle("trees", "lightgbm", "model.txt"));
        _userModels.Put("broken", "1", UserModelFiles.Oracle("served", "cases.json"));
        _models.CopyBundle("rival", "3");
        _models.Register("1", ("rival", "3"));
        _service = await ServiceUnderTest.StartAsync(
            backends, ("Scoring:ModelsFolder", _models.Folder), ("Models:UserModelsFolder", _userModels.Root),
            ("Models:PollSeconds", "0"), ("Serving:MaxMessageBytes", "1048576"));
        _client = new GRPCInferenceService.GRPCInferenceServiceClient(_service.GrpcChannel);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
        _userModels?.Dispose();
        _models?.Dispose();
    }

    [Test]
    public async Task ModelInfer_ACase_AnswersAsThePublicToolsDo([ValueSource(nameof(Cases))] object one, [Values] bool raw)
    {
        var served = (ServedCase)one;
        var response = await _client.ModelInferAsync(InferenceMessages.Create(served, raw));
        Assert.That((response.ModelName, response.ModelVersion, response.Id), Is.EqualTo((served.Name, "1", "7")));
        Assert.That(response.RawOutputContents, Has.Count.EqualTo(raw ? served.Outputs.Count : 0));
        for (var i = 0; i < served.Outputs.Count; i++)
        {
            var (actual, expected) = (response.Outputs[i], served.Outputs[i]);
            Assert.That((actual.Name, actual.Datatype), Is.EqualTo((expected.Name, expected.Datatype)));
            Assert.That(actual.Shape, Is.EqualTo(expected.Shape));
            var floats = raw ? [.. expected.Datatype == "FP32" ? Floats(response.RawOutputContents[i]) : []]
                : actual.Contents.Fp32Contents.ToArray();
            Assert.That(floats, Is.EqualTo(expected.Datatype == "FP32" ? expected.Data.EnumerateArray().Select(v => v.GetSingle()) : [])
                .Within(1e-5f));
            if (!raw && expected.Datatype == "INT64")
            {
                Assert.That(actual.Contents.Int64Contents, Is.EqualTo(expected.Data.EnumerateArray().Select(v => v.GetInt64())));
            }
        }
    }

    [Test]
    public async Task ModelInfer_OurOwnBundle_GivesProbabilityAndExplanation()
    {
        var features = _service.Services.GetRequiredService<FraudScoring.Server.Deployments.DeploymentHost>()
            .Current.Models.Loaded.Champion!.Ensemble.Bundle.Manifest.Features.Count;
        var request = new ModelInferRequest { ModelName = "payments" };
        request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor
        {
            Name = "features", Datatype = "FP32", Shape = { 3, features },
            Contents = new InferTensorContents { Fp32Contents = { Enumerable.Range(0, 3 * features).Select(i => (float)(i % 50)) } },
        });
        request.Parameters["explain"] = new InferParameter { BoolParam = true };
        var response = await _client.ModelInferAsync(request);
        Assert.That(response.Outputs.Select(output => output.Name),
            Is.EqualTo(new[] { "probability", "margin", "member_margins", "contributions", "base_value" }));
        Assert.That(response.Outputs[0].Contents.Fp32Contents, Has.Count.EqualTo(3).And.All.InRange(0f, 1f));
        for (var row = 0; row < 3; row++)
        {
            var sum = response.Outputs[4].Contents.Fp64Contents[row] + response.Outputs[3].Contents.Fp64Contents.Skip(row * features)
                .Take(features).Sum();
            Assert.That(sum, Is.EqualTo(response.Outputs[1].Contents.Fp32Contents[row]).Within(1e-3));
        }
    }

    [Test]
    public async Task Metadata_ListsWhatIsLoaded()
    {
        Assert.That((await _client.ServerLiveAsync(new ServerLiveRequest())).Live, Is.True);
        Assert.That((await _client.ServerReadyAsync(new ServerReadyRequest())).Ready, Is.True);
        Assert.That((await _client.ServerMetadataAsync(new ServerMetadataRequest())).Name, Is.EqualTo("fraud-scoring"));
        Assert.That((await _client.ModelReadyAsync(new ModelReadyRequest { Name = "mlp" })).Ready, Is.True);
        Assert.That((await _client.ModelReadyAsync(new ModelReadyRequest { Name = "mlp", Version = "2" })).Ready, Is.False);
        Assert.That((await _client.ModelReadyAsync(new ModelReadyRequest { Name = "broken" })).Ready, Is.False);
        var model = await _client.ModelMetadataAsync(new ModelMetadataRequest { Name = "rank3-dynamic" });
        Assert.That(model.Versions, Is.EqualTo(new[] { "1" }));
        Assert.That(model.Platform, Is.EqualTo("onnxruntime_onnx"));
        Assert.That(model.Inputs.Single().Shape, Is.EqualTo(new long[] { -1, 4, -1 }));
        Assert.That(model.Outputs.Select(output => output.Name), Is.EqualTo(new[] { "score", "h" }));
    }

    [Test]
    public async Task UnknownModels_AreNotFound_WithWhatThereIs()
    {
        var infer = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.ModelInferAsync(new ModelInferRequest { ModelName = "nosuch" }));
        Assert.That(infer!.StatusCode, Is.EqualTo(StatusCode.NotFound));
        Assert.That(infer.Status.Detail, Does.Contain("payments 1").And.Contain("rival 3").And.Contain("mlp 1").And.Not.Contain("nosuch"));
        var score = await Assert.ThrowsAsync<RpcException>(async () =>
            await _service.Scoring.ScoreAsync(new ScoreRequest { Payment = ServiceUnderTest.NewPayment("t"), Model = "mlp" }));
        Assert.That(score!.StatusCode, Is.EqualTo(StatusCode.NotFound));
        Assert.That(
            score.Status.Detail, Does.Contain("payments 1").And.Contain("rival 3").And.Not.Contain("mlp"), "only bundles score payments");
    }

    [Test]
    public async Task Score_WithAModelsName_IsScoredByIt()
    {
        var response = await _service.Scoring.ScoreAsync(
            new ScoreRequest { Payment = ServiceUnderTest.NewPayment("t-rival"), Model = "rival" });
        Assert.That((response.Assessment.Model, response.Assessment.ModelVersion), Is.EqualTo(("rival", "3")));
        var champion = await _service.Scoring.ScoreAsync(new ScoreRequest { Payment = ServiceUnderTest.NewPayment("t-champion") });
        Assert.That(champion.Assessment.Model, Is.EqualTo("payments"));
        Assert.That(champion.Assessment.FraudProbability, Is.EqualTo(response.Assessment.FraudProbability).Within(0.2));
    }

    [Test]
    public async Task ModelInfer_LargerThanAMessageMayBe_IsRefusedAsThat_AndLargerThanAPaymentsIsNot()
    {
        var request = InferenceMessages.Create(UserModelFiles.Cases.Single(one => one.Name == "mlp"), raw: true);
        ModelInferRequest Rows(int rows)
        {
            var many = request.Clone();
            many.Inputs[0].Shape[0] = rows;
            many.RawInputContents[0] = Google.Protobuf.ByteString.CopyFrom(new byte[rows * 48]);
            return many;
        }
        Assert.That((await _client.ModelInferAsync(Rows(4000))).Outputs[0].Shape, Is.EqualTo(new long[] { 4000 }));
        Assert.That((await Assert.ThrowsAsync<RpcException>(async () => await _client.ModelInferAsync(Rows(4097))))!.Status.Detail,
            Does.Contain("at most 4096 are allowed"));
        Assert.That((await Assert.ThrowsAsync<RpcException>(async () => await _client.ModelInferAsync(Rows(30_000))))!.StatusCode,
            Is.EqualTo(StatusCode.ResourceExhausted));
    }

    [Test]
    public async Task ModelInfer_AnyMessage_NeverEndsInAnInternalError()
    {
        var random = new Random(4242);
        var right = UserModelFiles.Cases.SelectMany(one =>
            new[] { InferenceMessages.Create(one, raw: true), InferenceMessages.Create(one, raw: false) }).ToArray();
        var seen = new Dictionary<StatusCode, int>();
        for (var i = 0; i < 3000; i++)
        {
            var request = InferenceMessages.Spoil(right[i % right.Length], random);
            var code = StatusCode.OK;
            try
            {
                await _client.ModelInferAsync(request);
            }
            catch (RpcException e)
            {
                code = e.StatusCode;
                Assert.That(code, Is.AnyOf(StatusCode.InvalidArgument, StatusCode.NotFound), () => $"{e.Status}\n{request}");
            }
            seen[code] = seen.GetValueOrDefault(code) + 1;
        }
        Assert.That(seen[StatusCode.OK], Is.GreaterThan(300));
        Assert.That(seen[StatusCode.InvalidArgument], Is.GreaterThan(300));
    }

    [Test]
    public async Task Look_AHundredSwapsOfAModelAndTenOfTheChampion_LoseNoRequest()
    {
        var watch = _service.Services.GetRequiredService<ModelWatch>();
        var mlp = UserModelFiles.Cases.Single(one => one.Name == "mlp");
        _models.CopyBundle("payments", "2");
        using var end = new CancellationTokenSource();
        var versions = new System.Collections.Concurrent.ConcurrentBag<string>();
        var asking = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            var asked = 0;
            for (; !end.IsCancellationRequested; asked++)
            {
                var request = InferenceMessages.Create(mlp, raw: true);
                request.ModelName = "swapped";
                var inferred = await _client.ModelInferAsync(request);
                versions.Add(inferred.ModelVersion);
                var scored = await _service.Scoring.ScoreAsync(new ScoreRequest { Payment = ServiceUnderTest.NewPayment($"swap-{asked}") });
                Assert.That(scored.Assessment.Degradation, Is.Not.EqualTo(Degradation.RulesOnly));
                Assert.That(scored.Assessment.ModelVersion, Is.AnyOf("1", "2"));
            }
            return asked;
        }));
        _userModels.Put("swapped", "0", UserModelFiles.Oracle("served", "mlp.onnx"));
        watch.Look();
        var running = asking.ToArray();
        for (var i = 1; i <= 100; i++)
        {
            _userModels.Put("swapped", $"{i}", UserModelFiles.Oracle("served", "mlp.onnx"));
            Directory.Delete(_userModels.Folder("swapped", $"{i - 1}"), recursive: true);
            if (i % 10 == 0)
            {
                _models.Register(i / 10 % 2 == 0 ? "1" : "2", ("rival", "3"));
            }
            watch.Look();
            Assert.That((await _client.ModelReadyAsync(new ModelReadyRequest { Name = "swapped", Version = $"{i}" })).Ready, Is.True);
        }
        await end.CancelAsync();
        Assert.That((await Task.WhenAll(running)).Sum(), Is.GreaterThan(100), "requests answered during the swaps");
        Assert.That(versions.Distinct().Count(), Is.GreaterThan(20));
        Assert.That(_service.Services.GetRequiredService<ServedModels>().VersionsOf("swapped"), Is.EqualTo(new[] { "100" }));
    }

    [Test]
    public async Task Look_ABadRegistry_LeavesTheOldOneInForceAndCountsIt()
    {
        var watch = _service.Services.GetRequiredService<ModelWatch>();
        var registry = Path.Combine(_models.Folder, "registry.json");
        var right = await File.ReadAllTextAsync(registry);
        var before = await _service.MetricAsync("fraud_model_changes_total{outcome=\"refused\"}");
        await File.WriteAllTextAsync(registry, right.Replace("rival", "nosuch", StringComparison.Ordinal));
        watch.Look();
        watch.Look();
        Assert.That(await _service.MetricAsync("fraud_model_changes_total{outcome=\"refused\"}"), Is.EqualTo(before + 1),
            "once, not at every look");
        Assert.That((await _client.ModelReadyAsync(new ModelReadyRequest { Name = "rival" })).Ready, Is.True);
        await File.WriteAllTextAsync(registry, right);
        watch.Look();
        Assert.That((await _client.ModelReadyAsync(new ModelReadyRequest { Name = "rival" })).Ready, Is.True);
    }

    private static float[] Floats(Google.Protobuf.ByteString raw) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(raw.Span).ToArray();
}
