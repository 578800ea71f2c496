using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Devices;

/// <summary>Runs ONNX graphs on the calling thread.</summary>
public static class CpuDevice
{
    static CpuDevice() => RuntimeTelemetry.TurnOff();

    /// <summary>
    /// Opens a session. One payment is one small row: threads inside the graph would cost more than they give, so requests run side
    /// by side on their own threads, and nothing spins while idle.
    /// </summary>
    /// <exception cref="OnnxRuntimeException">The bytes are not a model this runtime can run.</exception>
    public static InferenceSession Open(byte[] model)
    {
        using var options = new SessionOptions
        {
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        return new InferenceSession(model, options);
    }
}
