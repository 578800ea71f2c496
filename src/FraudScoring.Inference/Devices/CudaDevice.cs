using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Devices;

/// <summary>Runs ONNX graphs on an NVIDIA GPU.</summary>
public sealed class CudaDevice : IDevice
{
    /// <summary>ONNX Runtime's name of the provider that runs nodes on the GPU.</summary>
    internal const string Provider = "CUDAExecutionProvider";

    private readonly CudaSettings _settings;

    static CudaDevice() => RuntimeTelemetry.TurnOff();

    internal CudaDevice(CudaSettings settings) => _settings = settings;

    /// <inheritdoc />
    public string Name => $"cuda:{_settings.DeviceId}";

    /// <inheritdoc />
    public IDeviceLane OpenLane(LaneGraph graph)
    {
        // A session of its own, without recording: a replayed run executes no nodes that a profile could list.
        using (var profiled = Options(_settings, record: false))
        {
            NodePlacement.Require(NodePlacement.Trace(graph, profiled), Provider);
        }
        CudaRuntime.Select(_settings.DeviceId);
        using var options = Options(_settings, record: true);
        var session = new InferenceSession(graph.Bytes, options);
        var lane = new CudaLane(session, graph, _settings.DeviceId);
        try
        {
            lane.Warm();
            return lane;
        }
        catch (Exception e) when (e is OnnxRuntimeException or DeviceFailedException)
        {
            lane.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public IDeviceSession OpenSession(byte[] model, NamedValues sample)
    {
        using (var profiled = Options(_settings, record: false))
        {
            NodePlacement.Require(NodePlacement.Trace(model, sample, profiled), Provider);
        }
        // No recording: it needs one shape and fixed buffers, but here every request brings its own.
        using var options = Options(_settings, record: false);
        return new RuntimeSession(new InferenceSession(model, options));
    }

    /// <summary>Options of every session on the GPU.</summary>
    /// <param name="settings">The GPU.</param>
    /// <param name="record">True to record runs as CUDA graphs and to replay them from then on.</param>
    internal static SessionOptions Options(CudaSettings settings, bool record)
    {
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(ProviderOptions(settings, record));
        var options = CpuDevice.OneThread();
        options.AppendExecutionProvider_CUDA(cuda);
        return options;
    }

    /// <summary>
    /// Options of the CUDA provider. TensorFloat-32 is off: with its ten bits of mantissa, scores would differ from the CPU's.
    /// </summary>
    internal static Dictionary<string, string> ProviderOptions(CudaSettings settings, bool record)
    {
        var options = new Dictionary<string, string>
        {
            ["device_id"] = settings.DeviceId.ToString(CultureInfo.InvariantCulture),
            ["arena_extend_strategy"] = "kSameAsRequested",
            ["use_tf32"] = "0",
            ["enable_cuda_graph"] = record ? "1" : "0",
        };
        if (settings.MemoryLimitBytes > 0)
        {
            options["gpu_mem_limit"] = settings.MemoryLimitBytes.ToString(CultureInfo.InvariantCulture);
        }
        return options;
    }
}
