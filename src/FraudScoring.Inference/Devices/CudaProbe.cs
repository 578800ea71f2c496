using FraudScoring.Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Inference.Devices;

/// <summary>What was found of CUDA on this machine.</summary>
/// <param name="Device">The device; null when it cannot be used.</param>
/// <param name="Text">What was found, or what is missing and how to supply it.</param>
public sealed record CudaFinding(CudaDevice? Device, string Text);

/// <summary>Looks for a GPU that really runs something.</summary>
public static class CudaProbe
{
    /// <summary>Looks in steps: is it built in, do the libraries load, does a tiny graph run and give what it must.</summary>
    public static CudaFinding Find(CudaSettings settings)
    {
        RuntimeTelemetry.TurnOff();
        return Find(settings, OrtEnv.Instance().GetAvailableProviders(), RunTinyGraph, () => CudaRuntime.IsLoadable);
    }

    /// <summary>The steps, with what they ask given. The runtime is looked for last: the provider, once loaded, comes with its own.</summary>
    internal static CudaFinding Find(CudaSettings settings, IEnumerable<string> providers, Func<CudaSettings, float> runTinyGraph, Func<bool> hasRuntime)
    {
        if (!providers.Contains(CudaDevice.Provider))
        {
            return Missing("this build's ONNX Runtime has no CUDA provider; build with -p:OnnxRuntime=Gpu");
        }
        try
        {
            var sum = runTinyGraph(settings);
            return sum != 3 ? Missing(FormattableString.Invariant($"GPU {settings.DeviceId} says that 1 + 2 is {sum}; look at its health with nvidia-smi"))
                : !hasRuntime() ? Missing(
                    $"the CUDA runtime is not found; put one of {string.Join(", ", CudaRuntime.LibraryNames)} where libraries are looked for")
                : new CudaFinding(new CudaDevice(settings), $"GPU {settings.DeviceId} runs graphs");
        }
        catch (Exception e) when (e is OnnxRuntimeException or DllNotFoundException or EntryPointNotFoundException)
        {
            return Missing($"GPU {settings.DeviceId} cannot be used; is the driver there (nvidia-smi), are CUDA and cuDNN in the image, "
                + $"is the GPU given to this container? {e.Message}");
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

    /// <summary>Adds two numbers.</summary>
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
