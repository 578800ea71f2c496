using System.Runtime.InteropServices;

namespace FraudScoring.Inference.Devices;

/// <summary>
/// The few calls of the CUDA runtime that ONNX Runtime has no call for: a recorded run reads and writes the same device memory each time, and
/// somebody has to carry rows there and answers back.
/// </summary>
internal static unsafe class CudaRuntime
{
    /// <summary>Names of the library, the newest first. ONNX Runtime's own provider has loaded one of them.</summary>
    internal static readonly string[] LibraryNames =
        OperatingSystem.IsWindows() ? ["cudart64_13.dll", "cudart64_12.dll"] : ["libcudart.so.13", "libcudart.so.12"];

    // cudaMemcpyKind
    private const int HostToDevice = 1, DeviceToHost = 2;

    private static readonly Lazy<Calls?> Loaded = new(Load);

    /// <summary>Whether the library is there.</summary>
    public static bool IsLoadable => Loaded.Value is not null;

    /// <summary>Makes a GPU the calling thread's.</summary>
    public static void Select(int deviceId) => Check(Ask().SetDevice(deviceId), "cudaSetDevice");

    /// <summary>Copies to the device, and returns when it is done.</summary>
    public static void CopyToDevice(nint device, nint host, long bytes) => Check(Ask().Copy(device, host, (nuint)bytes, HostToDevice), "cudaMemcpy to the device");

    /// <summary>Copies from the device, and returns when it is done.</summary>
    public static void CopyToHost(nint host, nint device, long bytes) => Check(Ask().Copy(host, device, (nuint)bytes, DeviceToHost), "cudaMemcpy from the device");

    private static Calls Ask() => Loaded.Value ?? throw new DeviceFailedException($"None of {string.Join(", ", LibraryNames)} can be loaded.");

    private static void Check(int error, string call)
    {
        if (error != 0)
        {
            throw new DeviceFailedException($"{call} failed: {Marshal.PtrToStringUTF8(Ask().ErrorText(error))} (CUDA error {error})");
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
        public readonly delegate* unmanaged<int, int> SetDevice = (delegate* unmanaged<int, int>)NativeLibrary.GetExport(library, "cudaSetDevice");

        public readonly delegate* unmanaged<nint, nint, nuint, int, int> Copy =
            (delegate* unmanaged<nint, nint, nuint, int, int>)NativeLibrary.GetExport(library, "cudaMemcpy");

        public readonly delegate* unmanaged<int, nint> ErrorText = (delegate* unmanaged<int, nint>)NativeLibrary.GetExport(library, "cudaGetErrorString");
    }
}
