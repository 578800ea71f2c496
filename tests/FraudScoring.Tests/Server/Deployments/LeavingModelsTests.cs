using System.Text;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Rollout;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Monitoring;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.Tests.Server.Deployments;

/// <summary>The metric series of models that are no longer served.</summary>
public sealed class LeavingModelsTests
{
    private const string Counter = "fraud_model_quarantines_total";
    private static readonly ModelId Id = new("leaving", "1");
    private readonly InferenceMonitor _monitor = new(NullLogger<InferenceMonitor>.Instance);
    private readonly UserModelFiles _userModels = new();

    [SetUp]
    public void Put() => _userModels.Put(Id.Name, Id.Version, UserModelFiles.Oracle("served", "mlp.onnx"));

    [TearDown]
    public void Clear() => ModelMetrics.Remove(Id);

    [OneTimeTearDown]
    public void Dispose() => _userModels.Dispose();

    [Test]
    public async Task Look_ModelThatIsUnloaded_RemovesItsSeries_AndThoseThatItsLastRunsAddAgain()
    {
        var leaving = new LeavingModels();
        var model = Load();
        leaving.Look([model]);
        Report();
        var shown = await SeriesAsync();
        foreach (var name in new[] { "fraud_device_up{", "fraud_model_quarantined{", "fraud_inference_queue_length{",
            "fraud_inference_batch_rows_count{" })
        {
            Assert.That(shown, Has.Some.StartsWith(name));
        }
        model.TryLease();
        leaving.Look([]);
        Assert.That(await SeriesAsync(), Is.Empty);
        Report();
        Assert.That(await SeriesAsync(), Is.Not.Empty, "a run was in flight");
        model.Return();
        model.Return();
        leaving.Look([]);
        Assert.That(await SeriesAsync(), Is.Empty);
    }

    [Test]
    public async Task Look_ModelThatIsReplacedUnderItsName_KeepsTheSeries()
    {
        var leaving = new LeavingModels();
        var (before, after) = (Load(), Load());
        leaving.Look([before]);
        Report();
        leaving.Look([after]);
        before.Return();
        leaving.Look([after]);
        Assert.That(await SeriesAsync(), Has.Some.StartsWith("fraud_device_up{device=\"cuda:0\""));
        leaving.Look([]);
        after.Return();
        Assert.That(await SeriesAsync(), Is.Empty);
    }

    private ModelSnapshot Load() => new(_userModels.Load(Id.Name, Id.Version));

    private void Report()
    {
        _monitor.DeviceChanged(Id, "cuda:0", CircuitState.Closed, "it is used");
        _monitor.DeviceChanged(Id, "cuda:1", CircuitState.Open, "it fell off the bus");
        _monitor.QuarantineChanged(Id, isQuarantined: true);
        _monitor.BatchRan(Id, "cuda:0", 1, 0);
    }

    private static async Task<List<string>> SeriesAsync()
    {
        using var stream = new MemoryStream();
        await Prometheus.Metrics.DefaultRegistry.CollectAndExportAsTextAsync(stream);
        return [.. Encoding.UTF8.GetString(stream.ToArray()).Split('\n')
            .Where(line => line.Contains("model=\"leaving\"", StringComparison.Ordinal)
                && !line.StartsWith(Counter, StringComparison.Ordinal))];
    }
}
