using FraudScoring.Inference.Compilation;
using FraudScoring.Inference.Devices;
using FraudScoring.Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.LoadTest.Crossover;

/// <summary>A way to run ensembles: a column of the table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Open">Opens a session for a model.</param>
internal sealed record CrossoverDevice(string Name, Func<ModelProto, InferenceSession> Open);

/// <summary>The ways there are on this machine. All sessions of the crossover are opened here.</summary>
internal static class CrossoverDevices
{
    /// <summary>Looks for what there is.</summary>
    /// <param name="withTwin">Also the twin for CUDA on the CPU, which is there to be compared, not to be fast.</param>
    /// <param name="missing">Why there is no GPU; null where there is one.</param>
    public static List<CrossoverDevice> Find(bool withTwin, out string? missing)
    {
        List<CrossoverDevice> found = [new("cpu, one thread", model => CpuDevice.Open(model.ToByteArray()))];
        missing = WhyNoCuda();
        if (missing is null)
        {
            found.Add(new("cuda", OpenCuda));
        }
        if (withTwin)
        {
            found.Add(new("twin on the cpu", model => CpuDevice.Open(Twin(model).ToByteArray())));
        }
        return found;
    }

    private static string? WhyNoCuda()
    {
        if (!OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
        {
            return "this ONNX Runtime was built without CUDA (build with -p:OnnxRuntime=Gpu, or put the runtime with CUDA beside the program)";
        }
        try
        {
            using var options = CudaOptions();
            return null;
        }
        catch (OnnxRuntimeException e)
        {
            return $"CUDA cannot be used: {e.Message}";
        }
    }

    private static InferenceSession OpenCuda(ModelProto model)
    {
        using var options = CudaOptions();
        return new InferenceSession(Twin(model).ToByteArray(), options);
    }

    private static SessionOptions CudaOptions()
    {
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(new Dictionary<string, string> { ["use_tf32"] = "0" });
        var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        options.AppendExecutionProvider_CUDA(cuda);
        return options;
    }

    private static ModelProto Twin(ModelProto model) => CudaTwin.Compile(model, out var faults)
        ?? throw new InvalidDataException($"the ensemble has no twin: {string.Join("; ", faults)}");
}
