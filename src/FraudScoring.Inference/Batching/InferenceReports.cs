using FraudScoring.Inference.Contracts;

namespace FraudScoring.Inference.Batching;

/// <summary>Receives events of models and devices, for logs and metrics. Has no influence on them. This class ignores all events.</summary>
public class InferenceReports
{
    /// <summary>Ignores all events.</summary>
    public static InferenceReports None { get; } = new();

    /// <summary>The state of a device changed for a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="device">Name of the device.</param>
    /// <param name="state">Whether the device runs the model now.</param>
    /// <param name="reason">Why.</param>
    public virtual void DeviceChanged(ModelId model, string device, CircuitState state, string reason)
    {
    }

    /// <summary>A batch was run.</summary>
    /// <param name="model">The model.</param>
    /// <param name="device">Name of the device that ran it.</param>
    /// <param name="rows">Number of rows in the batch.</param>
    /// <param name="waiting">Number of requests that wait now.</param>
    public virtual void BatchRan(ModelId model, string device, int rows, int waiting)
    {
    }

    /// <summary>A guarded run failed or returned an invalid answer, through the model's fault.</summary>
    /// <param name="model">The model.</param>
    /// <param name="result">How it failed.</param>
    public virtual void ModelFailed(ModelId model, RunResult result)
    {
    }

    /// <summary>A model was quarantined after several consecutive failures, or released from quarantine.</summary>
    /// <param name="model">The model.</param>
    /// <param name="isQuarantined">True when it was quarantined, false when it was released.</param>
    public virtual void QuarantineChanged(ModelId model, bool isQuarantined)
    {
    }
}
