using FraudScoring.Core.Payments;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Devices;
using FraudScoring.Server.Scoring;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Tests.Server.Scoring;

public sealed class InferenceOptionsTests
{
    private static bool HasCuda => OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider");

    [Test]
    public void Settings_CudaWithoutADevice_IsAFaultWithTheRemedy()
    {
        Assume.That(HasCuda, Is.False);
        var faults = new Faults();
        new InferenceOptions { Device = DeviceChoice.Cuda }.FindDevice(faults);
        Assert.That(faults.Single().ToString(), Is.EqualTo(
            "Inference:Device: is Cuda, but this build's ONNX Runtime has no CUDA provider; build with -p:OnnxRuntime=Gpu, "
                + "or set it to Auto to use the CPU"));
    }

    [Test]
    public void Settings_AutoWithoutADevice_IsTheCpu_AndSaysWhy()
    {
        Assume.That(HasCuda, Is.False);
        var faults = new Faults();
        var (device, found) = new InferenceOptions().FindDevice(faults);
        var settings = new InferenceOptions().ToSettings(device, InferenceReports.None, TimeProvider.System);
        Assert.That((settings.Device, settings.IsDeviceRequired, faults.Count), Is.EqualTo(((IDevice?)null, false, 0)));
        Assert.That(found, Is.EqualTo("the CPU: this build's ONNX Runtime has no CUDA provider; build with -p:OnnxRuntime=Gpu"));
    }

    [Test]
    public void Settings_Cpu_DoesNotLook()
    {
        var (_, found) = new InferenceOptions { Device = DeviceChoice.Cpu }.FindDevice([]);
        Assert.That(found, Is.EqualTo("the CPU, as configured by Inference:Device"));
    }

    [Test]
    public void Settings_AllOptions_AreTakenOver()
    {
        var settings = new InferenceOptions
        {
            Device = DeviceChoice.Cpu, MaxBatchRows = 32, MaxDelayMicros = 200, QueueCapacity = 7,
            TransferThreshold = 9, QuarantineAfter = 4, QuarantineSeconds = 2,
        }.ToSettings(null, InferenceReports.None, TimeProvider.System);
        Assert.That(settings.Batch,
            Is.EqualTo(
                new BatchSettings { MaxRows = 32, MaxDelay = TimeSpan.FromMicroseconds(200), QueueCapacity = 7, TransferThreshold = 9 }));
        Assert.That((settings.Quarantine.After, settings.Quarantine.FirstPause, settings.Quarantine.LongestPause),
            Is.EqualTo((4, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(24))));
    }
}
