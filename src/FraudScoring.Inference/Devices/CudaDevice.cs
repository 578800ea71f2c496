using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Devices;

/// <summary>Runs ONNX graphs on an NVIDIA GPU.</summary>
public sealed class CudaDevice : IDevice
{
    /// <summary>The runtime's name of what runs nodes on the GPU.</summary>
    internal const string Provider = "CUDAExecutionProvider";

    private readonly CudaSettings _settings;

    static CudaDevice() => RuntimeTelemetry.TurnOff();

    internal CudaDevice(CudaSettings settings) => _settings = settings;

    /// <inheritdoc />
    public string Name => $"cuda:{_settings.DeviceId}";

    /// <inheritdoc />
    public IDeviceLane OpenLane(LaneGraph graph)
    {
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
        // A recorded run is of one shape in fixed buffers; here every request brings its own.
        using var options = Options(_settings, record: false);
        return new RuntimeSession(new InferenceSession(model, options));
    }

    /// <summary>How every session of the GPU is opened.</summary>
    /// <param name="settings">Which GPU.</param>
    /// <param name="record">Whether runs are recorded as CUDA graphs, and played back after that.</param>
    internal static SessionOptions Options(CudaSettings settings, bool record)
    {
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(ProviderOptions(settings, record));
        var options = CpuDevice.OneThread();
        options.AppendExecutionProvider_CUDA(cuda);
        return options;
    }

    /// <summary>What the CUDA provider is told. Without TensorFloat-32, whose ten bits would make other scores than the CPU's.</summary>
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
