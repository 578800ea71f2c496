using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Devices;

/// <summary>
/// Turns off ONNX Runtime's telemetry: a service that sees payments sends data only where it is configured to.
/// </summary>
/// <remarks>
/// On Linux and macOS the runtime reads an environment variable when it creates its environment, before any call can change the setting.
/// .NET's <see cref="Environment.SetEnvironmentVariable(string, string?)"/> does not reach native code there, so the C library is called
/// directly.
/// </remarks>
internal static partial class RuntimeTelemetry
{
    /// <summary>The environment variable that the runtime reads.</summary>
    internal const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>Turns telemetry off. Must be called before any other call of the runtime.</summary>
    public static void TurnOff()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetEnvironment(Variable, "1", overwrite: 1);
        }
        OrtEnv.Instance().DisableTelemetryEvents();
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
