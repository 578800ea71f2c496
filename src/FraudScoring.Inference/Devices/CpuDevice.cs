using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Devices;

/// <summary>Runs ONNX graphs on the calling thread.</summary>
public sealed class CpuDevice : IDevice
{
    static CpuDevice()
    {
        RuntimeTelemetry.TurnOff();
        ShareArena();
    }

    private CpuDevice()
    {
    }

    /// <summary>The only instance.</summary>
    public static CpuDevice Instance { get; } = new();

    /// <inheritdoc />
    public string Name => "cpu";

    /// <summary>Opens a session without threads of its own.</summary>
    /// <remarks>
    /// One payment is one small row: handing it to threads inside the graph costs more than they save. Requests run in parallel on their
    /// own threads instead, and no thread spins while idle.
    /// </remarks>
    /// <exception cref="OnnxRuntimeException">The bytes are not a model that this runtime can run.</exception>
    public static InferenceSession Open(byte[] model)
    {
        using var options = Options();
        return new InferenceSession(model, options);
    }

    /// <summary>
    /// Opens a session for a few runs, without optimization: optimizing a large graph takes longer than those runs.
    /// </summary>
    /// <exception cref="OnnxRuntimeException">The bytes are not a model that this runtime can run.</exception>
    internal static InferenceSession OpenAsIs(byte[] model)
    {
        using var options = Options();
        options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL;
        return new InferenceSession(model, options);
    }

    /// <inheritdoc />
    public IDeviceLane OpenLane(LaneGraph graph)
    {
        var lane = new CpuLane(Open(graph.Bytes), graph, ownsSession: true);
        foreach (var size in graph.Buckets.Sizes)
        {
            lane.Run(size);
        }
        return lane;
    }

    /// <inheritdoc />
    public IDeviceSession OpenSession(byte[] model, NamedValues sample) => new RuntimeSession(Open(model));

    /// <summary>Options of every session on the CPU.</summary>
    internal static SessionOptions Options()
    {
        var options = OneThread();
        options.AddSessionConfigEntry("session.use_env_allocators", "1");
        return options;
    }

    /// <summary>Options of a session without threads of its own, on any device.</summary>
    internal static SessionOptions OneThread()
    {
        var options = new SessionOptions
        {
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return options;
    }

    // One arena for all sessions: with one each, every loaded model would hold its own peak of memory.
    private static void ShareArena()
    {
        using var memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
        using var arena = new OrtArenaCfg(0, -1, -1, -1);
        OrtEnv.Instance().CreateAndRegisterAllocator(memory, arena);
    }
}
