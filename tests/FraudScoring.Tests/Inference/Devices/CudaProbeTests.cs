using FraudScoring.Inference.Devices;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Tests.Inference.Devices;

public sealed class CudaProbeTests
{
    private static readonly CudaSettings Settings = new(0, 1 << 30);

    [Test]
    public void Find_ThisBuild_SaysWhatItFound()
    {
        var finding = CudaProbe.Find(Settings);
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(CudaDevice.Provider))
        {
            Assert.That((finding.Device, finding.Text),
                Is.EqualTo(((CudaDevice?)null, "this build's ONNX Runtime has no CUDA provider; build with -p:OnnxRuntime=Gpu")));
        }
        Assert.That(finding.Text, Is.Not.Empty);
    }

    [Test]
    public void Find_AllIsThere_ReturnsTheDevice()
    {
        var finding = CudaProbe.Find(Settings with { DeviceId = 2 }, [CudaDevice.Provider], _ => 3, () => true);
        Assert.That((finding.Device?.Name, finding.Text), Is.EqualTo(("cuda:2", "GPU 2 runs graphs")));
    }

    [Test]
    public void Find_GraphReturnsAnotherSum_SaysSo() =>
        Assert.That(Missing(true, _ => 4), Does.StartWith("GPU 0 calculates 1 + 2 = 4"));

    [Test]
    public void Find_NoRuntimeLibrary_NamesIt() => Assert.That(Missing(false, _ => 3), Does.Contain(CudaRuntime.LibraryNames[0]));

    [Test]
    public void Find_LibrariesMissing_SaysWhatTheRuntimeSaid() => Assert.That(
        Missing(true, _ => throw new DllNotFoundException("libcudnn.so.9: cannot open shared object file")),
        Does.Contain("nvidia-smi").And.Contain("libcudnn.so.9: cannot open shared object file"));

    [Test]
    public void TinyGraph_OnTheCpu_Adds()
    {
        using var session = CpuDevice.Open(CudaProbe.TinyGraph());
        using var input = OrtValue.CreateTensorValueFromMemory(new float[] { 1, 2 }, [2]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["numbers"], [input], ["sum"]);
        Assert.That(outputs[0].GetTensorDataAsSpan<float>().ToArray(), Is.EqualTo(new[] { 3f }));
    }

    [Test]
    public void ProviderOptions_Any_AreWhatTheScoresNeed()
    {
        var options = CudaDevice.ProviderOptions(new CudaSettings(1, 4096), record: true);
        Assert.That(options, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["device_id"] = "1", ["gpu_mem_limit"] = "4096", ["use_tf32"] = "0", ["enable_cuda_graph"] = "1",
            ["arena_extend_strategy"] = "kSameAsRequested",
        }));
        Assert.That(CudaDevice.ProviderOptions(new CudaSettings(1, 0), record: false), Does.Not.ContainKey("gpu_mem_limit"));
    }

    private static string Missing(bool hasRuntime, Func<CudaSettings, float> run)
    {
        var finding = CudaProbe.Find(Settings, [CudaDevice.Provider], run, () => hasRuntime);
        Assert.That(finding.Device, Is.Null);
        return finding.Text;
    }
}
