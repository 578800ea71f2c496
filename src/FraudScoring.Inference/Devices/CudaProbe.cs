using FraudScoring.Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Inference.Devices;

/// <summary>Whether CUDA can be used on this machine.</summary>
/// <param name="Device">The device; null if it cannot be used.</param>
/// <param name="Text">The device, or what is missing and how to supply it.</param>
public sealed record CudaFinding(CudaDevice? Device, string Text);

/// <summary>Checks that a GPU can actually run a graph.</summary>
public static class CudaProbe
{
    /// <summary>Checks in steps whether this build supports CUDA, the libraries load, and a tiny graph returns the right result.</summary>
    public static CudaFinding Find(CudaSettings settings)
    {
        RuntimeTelemetry.TurnOff();
        return Find(settings, OrtEnv.Instance().GetAvailableProviders(), RunTinyGraph, () => CudaRuntime.IsLoadable);
    }

    /// <summary>The steps, for tests. The CUDA runtime is checked last, since the provider, once loaded, has loaded its own.</summary>
    internal static CudaFinding Find(
        CudaSettings settings, IEnumerable<string> providers, Func<CudaSettings, float> runTinyGraph, Func<bool> hasRuntime)
    {
        if (!providers.Contains(CudaDevice.Provider))
        {
            return Missing("this build's ONNX Runtime has no CUDA provider; build with -p:OnnxRuntime=Gpu");
        }
        try
        {
            var sum = runTinyGraph(settings);
            return sum != 3 ? Missing(FormattableString.Invariant(
                    $"GPU {settings.DeviceId} calculates 1 + 2 = {sum}; check its health with nvidia-smi"))
                : !hasRuntime() ? Missing(
                    $"the CUDA runtime was not found; add one of {string.Join(", ", CudaRuntime.LibraryNames)} to the library search path")
                : new CudaFinding(new CudaDevice(settings), $"GPU {settings.DeviceId} runs graphs");
        }
        catch (Exception e) when (e is OnnxRuntimeException or DllNotFoundException or EntryPointNotFoundException)
        {
            return Missing($"GPU {settings.DeviceId} cannot be used; check that the driver works (nvidia-smi), that CUDA and cuDNN are in "
                + $"the image, and that this container has access to the GPU: {e.Message}");
        }

        static CudaFinding Missing(string text) => new(null, text);
    }

    private static float RunTinyGraph(CudaSettings settings)
    {
        using var options = CudaDevice.Options(settings, record: false);
        using var session = new InferenceSession(TinyGraph(), options);
        using var input = OrtValue.CreateTensorValueFromMemory(new float[] { 1, 2 }, [2]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["numbers"], [input], ["sum"]);
        return outputs[0].GetTensorDataAsSpan<float>()[0];
    }

    internal static byte[] TinyGraph()
    {
        var node = new NodeProto { OpType = "ReduceSum", Name = "sum", Input = { "numbers" }, Output = { "sum" } };
        node.Attribute.Add(new AttributeProto { Name = "keepdims", Type = AttributeProto.Types.AttributeType.Int, I = 1 });
        return new ModelProto
        {
            IrVersion = 8,
            Graph = new GraphProto { Name = "tiny", Node = { node }, Input = { Numbers("numbers", 2) }, Output = { Numbers("sum", 1) } },
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } },
        }.ToByteArray();
    }

    private static ValueInfoProto Numbers(string name, long count)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimValue = count } } };
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
