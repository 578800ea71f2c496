using System.Runtime.InteropServices;

namespace FraudScoring.Inference.Devices;

/// <summary>
/// Calls of the CUDA runtime for which ONNX Runtime has no API: copies between host memory and the fixed device memory of a recorded run.
/// </summary>
internal static unsafe class CudaRuntime
{
    /// <summary>Names of the library, newest first. ONNX Runtime's CUDA provider has loaded one of them.</summary>
    internal static readonly string[] LibraryNames =
        OperatingSystem.IsWindows() ? ["cudart64_13.dll", "cudart64_12.dll"] : ["libcudart.so.13", "libcudart.so.12"];

    // cudaMemcpyKind
    private const int HostToDevice = 1, DeviceToHost = 2;

    private static readonly Lazy<Calls?> Loaded = new(Load);

    public static bool IsLoadable => Loaded.Value is not null;

    /// <summary>Selects the GPU of the calling thread. CUDA keeps this setting per thread.</summary>
    public static void Select(int deviceId) => Check(Library().SetDevice(deviceId), "cudaSetDevice");

    /// <summary>Copies to the device and waits for the end of the copy.</summary>
    public static void CopyToDevice(nint device, nint host, long bytes) =>
        Check(Library().Copy(device, host, (nuint)bytes, HostToDevice), "cudaMemcpy to the device");

    /// <summary>Copies from the device and waits for the end of the copy.</summary>
    public static void CopyToHost(nint host, nint device, long bytes) =>
        Check(Library().Copy(host, device, (nuint)bytes, DeviceToHost), "cudaMemcpy from the device");

    private static Calls Library() => Loaded.Value
        ?? throw new DeviceFailedException($"None of {string.Join(", ", LibraryNames)} can be loaded.");

    private static void Check(int error, string call)
    {
        if (error != 0)
        {
            throw new DeviceFailedException($"{call} failed: {Marshal.PtrToStringUTF8(Library().ErrorText(error))} (CUDA error {error})");
        }
    }

    private static Calls? Load()
    {
        foreach (var name in LibraryNames)
        {
            if (NativeLibrary.TryLoad(name, out var library))
            {
                return new Calls(library);
            }
        }
        return null;
    }

    private sealed class Calls(nint library)
    {
        public readonly delegate* unmanaged<int, int> SetDevice =
            (delegate* unmanaged<int, int>)NativeLibrary.GetExport(library, "cudaSetDevice");

        public readonly delegate* unmanaged<nint, nint, nuint, int, int> Copy =
            (delegate* unmanaged<nint, nint, nuint, int, int>)NativeLibrary.GetExport(library, "cudaMemcpy");

        public readonly delegate* unmanaged<int, nint> ErrorText =
            (delegate* unmanaged<int, nint>)NativeLibrary.GetExport(library, "cudaGetErrorString");
    }
}
