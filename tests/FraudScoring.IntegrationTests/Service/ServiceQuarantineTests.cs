using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Rollout;
using FraudScoring.Inference.UserModels;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Oip;
using FraudScoring.Onnx;
using FraudScoring.Server.Deployments;
using FraudScoring.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using static FraudScoring.Onnx.TensorProto.Types;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>Models that return NaN: the responses to payments and other requests, the metrics and the health status.</summary>
[TestFixtureSource(nameof(Embedded))]
public sealed class ServiceQuarantineTests(Backends backends)
{
    private const float Bound = 1e5f;
    private const string Quarantined = "fraud_model_quarantined{model=\"payments\",version=\"1\"}";

    private static IEnumerable<TestFixtureData> Embedded => Backends.Both.Skip(1);

    [OneTimeSetUp]
    public Task StartAsync() => backends.StartAsync();

    [TestCase(GraphFault.NotANumber, "out_of_range")]
    [TestCase(GraphFault.OutOfRange, "out_of_range")]
    [TestCase(GraphFault.Fails, "run_failed")]
    public async Task Score_ModelWithoutAnswers_IsQuarantined_AndRulesAloneDecide(object fault, string reason)
    {
        using var models = Faulty((GraphFault)fault);
        await using var service = await StartServiceAsync(models, ("Inference:QuarantineSeconds", "3600"));
        var (failures, fallbacks) = (
            $"fraud_model_failures_total{{reason=\"{reason}\"}}", $"fraud_inference_fallbacks_total{{reason=\"{reason}\"}}");
        const string refused = "fraud_inference_fallbacks_total{reason=\"quarantined\"}";
        const string begun = "fraud_model_quarantines_total{model=\"payments\",version=\"1\"}";
        var (failed, fellBack) = (await service.MetricAsync(failures), await service.MetricAsync(fallbacks));
        var (kept, began) = (await service.MetricAsync(refused), await service.MetricAsync(begun));

        Assert.That(await ScoreAsync(service, "well", "49.90"), Is.EqualTo(Degradation.None));
        Assert.That(await ScoreAsync(service, "ill-1", "900000.00"), Is.EqualTo(Degradation.RulesOnly));
        Assert.That(await ScoreAsync(service, "well-2", "49.90"), Is.EqualTo(Degradation.None), "one failure is not enough");
        Assert.That(await HealthAsync(service), Is.EqualTo("""{"status":"ready","reasons":[]}"""));
        Assert.That(await ScoreAsync(service, "ill-2", "900000.00"), Is.EqualTo(Degradation.RulesOnly));
        Assert.That(await ScoreAsync(service, "ill-3", "900000.00"), Is.EqualTo(Degradation.RulesOnly));
        Assert.That(await service.MetricAsync(Quarantined), Is.EqualTo(1));
        Assert.That(await service.MetricAsync(begun), Is.EqualTo(began + 1));
        Assert.That((await service.MetricAsync(failures), await service.MetricAsync(fallbacks)), Is.EqualTo((failed + 3, fellBack + 3)));
        Assert.That(await HealthAsync(service),
            Does.StartWith("""{"status":"ready","reasons":[{"code":"champion_quarantined","""), "payments are still scored");

        Assert.That(await ScoreAsync(service, "well-3", "49.90"), Is.EqualTo(Degradation.RulesOnly),
            "payments that it could score are kept away from it, too");
        Assert.That(await service.MetricAsync(refused), Is.EqualTo(kept + 1));
        var record = await service.DecisionAsync("well-3");
        Assert.That(record.Assessment.Degradation, Is.EqualTo(Degradation.RulesOnly));
        await AssertRefusedToOthersAsync(service);
    }

    [Test]
    public async Task Score_QuarantinedModelThatRecovers_IsUsedAgain()
    {
        using var models = Faulty(GraphFault.NotANumber);
        await using var service = await StartServiceAsync(models, ("Inference:QuarantineSeconds", "1"));
        for (var i = 0; i < 2; i++)
        {
            Assert.That(await ScoreAsync(service, $"ill-{i}", "900000.00"), Is.EqualTo(Degradation.RulesOnly));
        }
        Assert.That(await service.MetricAsync(Quarantined), Is.EqualTo(1));
        await Eventually.IsTrueAsync(async () => await ScoreAsync(service, $"probe-{Guid.NewGuid():N}", "49.90") == Degradation.None);
        Assert.That(await service.MetricAsync(Quarantined), Is.Zero);
        Assert.That(await HealthAsync(service), Is.EqualTo("""{"status":"ready","reasons":[]}"""));
    }

    [Test]
    public async Task Look_QuarantinedModelReplacedUnderItsName_LeavesTheQuarantine()
    {
        using var models = Faulty(GraphFault.NotANumber);
        await using var service = await StartServiceAsync(models, ("Inference:QuarantineSeconds", "3600"));
        for (var i = 0; i < 2; i++)
        {
            await ScoreAsync(service, $"ill-{i}", "900000.00");
        }
        Assert.That(await service.MetricAsync(Quarantined), Is.EqualTo(1));
        models.ReplaceGraph(_ => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "models", "payments", "1", "model.onnx")));
        service.Services.GetRequiredService<ModelWatch>().Look();
        Assert.That(await ScoreAsync(service, "well", "900000.00"), Is.EqualTo(Degradation.None));
        Assert.That(await service.MetricAsync(Quarantined), Is.Zero);
        Assert.That(await HealthAsync(service), Is.EqualTo("""{"status":"ready","reasons":[]}"""));
    }

    [Test]
    public async Task Score_ModelThrowsAnUnexpectedException_IsDecidedByRulesAlone_AndTheModelIsProbedAgain()
    {
        using var models = new ModelsCopy();
        await using var service = await StartServiceAsync(models);
        var deployment = service.Services.GetRequiredService<DeploymentHost>().Current;
        var time = new FailingTime();
        var settings = new EnsembleSettings
        {
            Time = time, Quarantine = new QuarantineSettings { After = 2, FirstPause = TimeSpan.Zero, LongestPause = TimeSpan.Zero },
        };
        var bundle = ModelBundle.Load(Path.GetDirectoryName(models.Bundle("manifest.json"))!, deployment.Catalogue, new())!;
        var ensemble = Ensemble.Load(bundle, deployment.Catalogue.Features.Count, new(), settings)!;
        deployment.Router.Replace(new LoadedModels(new ModelSnapshot(new BundleModel(ensemble)), []));
        const string failures = "fraud_inference_fallbacks_total{reason=\"run_failed\"}";
        var failed = await service.MetricAsync(failures);
        for (var i = 0; i < 4; i++)
        {
            time.FailOnce();
            Assert.That(await ScoreAsync(service, $"bug-{i}", "49.90"), Is.EqualTo(Degradation.RulesOnly));
        }
        Assert.That((ensemble.Quarantine.IsQuarantined, await service.MetricAsync(failures)), Is.EqualTo((true, failed + 4)));
        Assert.That(await ScoreAsync(service, "well", "49.90"), Is.EqualTo(Degradation.None), "every probe was released");
        Assert.That(ensemble.Quarantine.IsQuarantined, Is.False);
    }

    [Test]
    public async Task ModelInfer_UserModelThatReturnsNaN_IsQuarantined_ButNotForInvalidInput()
    {
        using var userModels = new UserModelFiles();
        userModels.Put("root", "1", Root());
        using var models = new ModelsCopy();
        await using var service = await StartServiceAsync(
            models, ("Models:UserModelsFolder", userModels.Root), ("Inference:QuarantineSeconds", "3600"));
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(service.GrpcChannel);
        async Task<StatusCode> AskAsync(params float[] values)
        {
            try
            {
                await client.ModelInferAsync(Request("root", "x", [1, values.Length], values));
                return StatusCode.OK;
            }
            catch (RpcException e)
            {
                Assert.That(e.Status.Detail, Does.Contain("root"));
                return e.StatusCode;
            }
        }
        const string gauge = "fraud_model_quarantined{model=\"root\",version=\"1\"}";
        for (var i = 0; i < 5; i++)
        {
            Assert.That(await AskAsync(4, float.NaN), Is.EqualTo(StatusCode.InvalidArgument), "NaN for a NaN input is not a failure");
            Assert.That(await AskAsync(4, -1e30f), Is.EqualTo(StatusCode.InvalidArgument), "nor is NaN for an absurd input");
        }
        Assert.That(await AskAsync(4, 9), Is.EqualTo(StatusCode.OK));
        Assert.That(await AskAsync(4, -1), Is.EqualTo(StatusCode.Internal));
        Assert.That((await client.ModelReadyAsync(new ModelReadyRequest { Name = "root" })).Ready, Is.True);
        Assert.That(await AskAsync(4, -1), Is.EqualTo(StatusCode.Internal));
        Assert.That(await service.MetricAsync(gauge), Is.EqualTo(1));
        Assert.That(await AskAsync(4, 9), Is.EqualTo(StatusCode.Unavailable));
        Assert.That((await client.ModelReadyAsync(new ModelReadyRequest { Name = "root" })).Ready, Is.False);
        Assert.That(await HealthAsync(service), Is.EqualTo("""{"status":"ready","reasons":[]}"""), "payments do not use this model");

        Directory.Delete(userModels.Folder("root", "1"), recursive: true);
        service.Services.GetRequiredService<ModelWatch>().Look();
        var metrics = await service.Http.GetStringAsync("/metrics");
        Assert.That(metrics, Does.Not.Contain(gauge), "the series is removed with the model");
        Assert.That(metrics, Does.Not.Contain("model=\"root\",version=\"1\",device="));
    }

    /// <summary>A clock that throws once when a run on the CPU reads the time, which simulates a bug in the middle of a run.</summary>
    private sealed class FailingTime : TimeProvider
    {
        private int _failures;

        public void FailOnce() => Interlocked.Exchange(ref _failures, 1);

        public override long GetTimestamp() =>
            Environment.StackTrace.Contains("FraudScoring.Inference.Ensembles.", StringComparison.Ordinal)
            && Interlocked.Exchange(ref _failures, 0) == 1 ? throw new InvalidOperationException("a bug") : base.GetTimestamp();
    }

    private static async Task AssertRefusedToOthersAsync(ServiceUnderTest service)
    {
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(service.GrpcChannel);
        var features = (await client.ModelMetadataAsync(new ModelMetadataRequest { Name = "payments" })).Inputs.Single().Shape[1];
        var refusal = await Assert.ThrowsAsync<RpcException>(async () =>
            await client.ModelInferAsync(Request("payments", "features", [1, features], new float[features])));
        Assert.That(refusal!.StatusCode, Is.EqualTo(StatusCode.Unavailable));
        Assert.That(refusal.Status.Detail, Does.Contain("payments 1 is in quarantine"));
        Assert.That((await client.ModelReadyAsync(new ModelReadyRequest { Name = "payments" })).Ready, Is.False);
    }

    private Task<ServiceUnderTest> StartServiceAsync(ModelsCopy models, params (string Key, string Value)[] settings) =>
        ServiceUnderTest.StartAsync(backends,
            [("Scoring:ModelsFolder", models.Folder), ("Models:PollSeconds", "0"), ("Inference:QuarantineAfter", "2"),
            // These tests count runs: none may be sent again, or miss its history, because the machine is busy.
            ("Scoring:BudgetMs", "5000"), ("Redis:ReadTimeoutMs", "2000"), .. settings]);

    /// <summary>A copy of the bundle with a graph that fails on large amounts.</summary>
    private static ModelsCopy Faulty(GraphFault fault)
    {
        var models = new ModelsCopy();
        var manifest = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(models.Bundle("manifest.json")))!;
        var amount = manifest["features"]!.AsArray().Select(name => name!.GetValue<string>()).ToList().IndexOf("amount");
        Assert.That(amount, Is.Not.Negative);
        models.ReplaceGraph(graph => FaultyGraph.Create(graph, amount, Bound, fault));
        return models;
    }

    private static async Task<Degradation> ScoreAsync(ServiceUnderTest service, string id, string amount)
    {
        var payment = ServiceUnderTest.NewPayment(id);
        payment.Amount = amount;
        var response = await service.Scoring.ScoreAsync(new ScoreRequest { Payment = payment });
        Assert.That(response.Assessment.Decision, Is.Not.EqualTo(Decision.Unspecified));
        return response.Assessment.Degradation;
    }

    private static Task<string> HealthAsync(ServiceUnderTest service) => service.Http.GetStringAsync("/health/ready");

    private static ModelInferRequest Request(string model, string input, long[] shape, float[] values) => new()
    {
        ModelName = model,
        Inputs =
        {
            new ModelInferRequest.Types.InferInputTensor
            {
                Name = input, Datatype = "FP32", Shape = { shape }, Contents = new InferTensorContents { Fp32Contents = { values } },
            },
        },
    };

    /// <summary>y = √x.</summary>
    private static ModelProto Root()
    {
        ValueInfoProto Value(string name) => new()
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor
                {
                    ElemType = (int)DataType.Float,
                    Shape = new TensorShapeProto
                    {
                        Dim = { new TensorShapeProto.Types.Dimension { DimParam = "rows" },
                            new TensorShapeProto.Types.Dimension { DimValue = 2 } },
                    },
                },
            },
        };
        return new ModelProto
        {
            IrVersion = 8,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } },
            Graph = new GraphProto
            {
                Name = "root", Input = { Value("x") }, Output = { Value("y") },
                Node = { new NodeProto { OpType = "Sqrt", Input = { "x" }, Output = { "y" } } },
            },
        };
    }
}
