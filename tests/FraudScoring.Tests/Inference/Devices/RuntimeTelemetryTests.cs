using System.Runtime.InteropServices;
using FraudScoring.Inference.Devices;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Tests.Inference.Devices;

public sealed partial class RuntimeTelemetryTests
{
    [Test]
    public void Open_AnyModel_FirstTurnsTheRuntimesTelemetryOff()
    {
        Assert.That(() => CpuDevice.Open([1, 2, 3]), Throws.InstanceOf<OnnxRuntimeException>());
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(Marshal.PtrToStringUTF8(GetEnvironment(RuntimeTelemetry.Variable)), Is.EqualTo("1"));
        }
    }

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint GetEnvironment(string name);
}
