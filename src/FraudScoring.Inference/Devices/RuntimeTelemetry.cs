using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Devices;

/// <summary>
/// Keeps ONNX Runtime from reporting its use to its makers: a service that sees payments sends nothing to anyone it was not told to.
/// </summary>
/// <remarks>
/// On Linux and macOS the runtime decides by an environment variable when its environment is made, before any call can reach it. .NET's own
/// <see cref="Environment.SetEnvironmentVariable(string, string?)"/> does not reach native code there, so the C library is asked.
/// </remarks>
internal static partial class RuntimeTelemetry
{
    /// <summary>The variable the runtime looks at.</summary>
    internal const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>Turns it off. To be called before anything else of the runtime.</summary>
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
