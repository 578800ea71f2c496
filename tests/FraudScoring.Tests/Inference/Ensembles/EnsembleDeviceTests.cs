using FraudScoring.Core.Payments;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Inference.Batching;

namespace FraudScoring.Tests.Inference.Ensembles;

/// <summary>An ensemble with a device. The CPU stands in for a GPU.</summary>
public sealed class EnsembleDeviceTests
{
    private static readonly int Features = TestCatalogues.Served.Features.Count;
    private static readonly ModelBundle Bundle = ModelBundle.Load(BundleFolder.Committed, TestCatalogues.Served, new())!;
    private static readonly BatchSettings Always = new() { MaxRows = 16, TransferThreshold = 1 };
    private static readonly long Later = TimeProvider.System.GetTimestamp() + (3600 * TimeProvider.System.TimestampFrequency);

    private static int Members => Bundle.Manifest.Members.Count;

    [Test]
    public async Task RunAsync_ManyAtATime_GivesEachTheScoreOfARunOnItsOwn()
    {
        using var ensemble = Load(CpuDevice.Instance, Always);
        var rows = EnsembleTests.Rows(200).ToArray();
        var answers = await Task.WhenAll(rows.Select(row => Task.Run(async () =>
        {
            var margins = new float[Members];
            return (Answer: await ensemble.RunAsync(row, margins, Later), margins);
        })));
        for (var i = 0; i < rows.Length; i++)
        {
            var margins = new float[Members];
            var expected = ensemble.Run(rows[i], margins);
            Assert.That(answers[i].Answer.Outcome, Is.EqualTo(BatchOutcome.Scored));
            Assert.That(answers[i].Answer.Score.Probability, Is.EqualTo(expected.Probability).Within(1e-6));
            Assert.That(answers[i].margins, Is.EqualTo(margins).Within(1e-5f));
        }
    }

    [Test]
    public async Task RunAsync_BelowTheThreshold_RunsImmediatelyOnTheCallersThread()
    {
        using var ensemble = Load(CpuDevice.Instance, Always with { TransferThreshold = 1000 });
        var answer = ensemble.RunAsync(new float[Features], new float[Members], Later);
        Assert.That(answer.IsCompletedSuccessfully, Is.True);
        Assert.That((await answer).Device, Is.EqualTo("cpu"));
    }

    [Test]
    public async Task RunAsync_NoDevice_AllocatesNothing()
    {
        using var ensemble = Ensemble.Load(Bundle, Features, new())!;
        var (row, margins) = (new float[Features], new float[Members]);
        var before = 0L;
        for (var i = 0; i < 200; i++)
        {
            before = i == 100 ? GC.GetAllocatedBytesForCurrentThread() : before;
            await ensemble.RunAsync(row, margins, Later);
        }
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void RunBatch_AnyNumberOfRows_ReturnsWhatSingleRunsReturn([Values(0, 1, 7, 256, 300)] int count)
    {
        using var ensemble = Ensemble.Load(Bundle, Features, new())!;
        var rows = EnsembleTests.Rows(count).ToArray();
        var (probability, margin, memberMargins) = (new float[count], new float[count], new float[count * Members]);
        ensemble.RunBatch(rows.SelectMany(row => Bundle.FeatureIndexes.Select(i => row[i])).ToArray(), probability, margin, memberMargins);
        var singleMargins = Array.ConvertAll(rows, _ => new float[Members]);
        var single = rows.Zip(singleMargins, (row, margins) => ensemble.Run(row, margins)).ToList();
        Assert.That(memberMargins, Is.EqualTo(singleMargins.SelectMany(margins => margins)).Within(1e-5));
        Assert.That(probability, Is.EqualTo(single.Select(score => score.Probability)).Within(1e-6));
        Assert.That(margin, Is.EqualTo(single.Select(score => score.Margin)).Within(1e-5));
    }

    [Test]
    public void Load_BundleWithoutCudaGraph_IsAFaultWhereTheDeviceIsRequired_AndElseRunsOnTheCpu()
    {
        var settings = new EnsembleSettings { Device = CpuDevice.Instance };
        var faults = new Faults();
        using (var ensemble = Ensemble.Load(Bundle with { CudaGraph = null }, Features, faults, settings))
        {
            Assert.That((ensemble!.DeviceState, faults.Count), Is.EqualTo(((CircuitState?)null, 0)));
        }
        var found = new Faults();
        Assert.That(Ensemble.Load(Bundle with { CudaGraph = null }, Features, found, settings with { IsDeviceRequired = true }), Is.Null);
        Assert.That(found.Single().ToString(),
            Does.StartWith("model.cuda.onnx: cannot be run on cpu, but Inference:Device requires it: the bundle has no"));
    }

    [Test]
    public void Load_DeviceRefuses_IsAFaultWhereItIsRequired_WithItsReason()
    {
        var device = new ScriptedDevice { OnOpen = () => throw new DeviceRefusedException("1 of 9 nodes are not run by it: trees") };
        var settings = new EnsembleSettings { Device = device, IsDeviceRequired = true };
        var faults = new Faults();
        Assert.That(Ensemble.Load(Bundle with { CudaGraph = Bundle.Graph }, Features, faults, settings), Is.Null);
        Assert.That(faults.Single().ToString(), Does.EndWith("1 of 9 nodes are not run by it: trees"));
    }

    private static Ensemble Load(IDevice device, BatchSettings batch)
    {
        var faults = new Faults();
        var ensemble = Ensemble.Load(
            Bundle with { CudaGraph = Bundle.Graph }, Features, faults,
            new EnsembleSettings { Device = device, IsDeviceRequired = true, Batch = batch });
        Assert.That(faults, Is.Empty);
        Assert.That(ensemble!.DeviceState, Is.EqualTo(CircuitState.Closed));
        return ensemble;
    }
}
