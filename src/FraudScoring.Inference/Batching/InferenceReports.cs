using FraudScoring.Inference.Contracts;

namespace FraudScoring.Inference.Batching;

/// <summary>Hears what models and devices do. Listens only: nothing it does changes what it hears of. As it stands, it keeps nothing.</summary>
public class InferenceReports
{
    /// <summary>For those who want to hear nothing.</summary>
    public static InferenceReports None { get; } = new();

    /// <summary>The state of a device beside the CPU changed.</summary>
    /// <param name="model">The model.</param>
    /// <param name="device">The device.</param>
    /// <param name="state">Whether the device runs the model now.</param>
    /// <param name="reason">Why, in words.</param>
    public virtual void DeviceChanged(ModelId model, string device, CircuitState state, string reason)
    {
    }

    /// <summary>A batch was run.</summary>
    /// <param name="model">The model.</param>
    /// <param name="device">Who ran it.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="waiting">How many requests wait now.</param>
    public virtual void BatchRan(ModelId model, string device, int rows, int waiting)
    {
    }

    /// <summary>A guarded run failed, or gave no valid answer, and the model is to blame.</summary>
    /// <param name="model">The model.</param>
    /// <param name="result">How it failed.</param>
    public virtual void ModelFailed(ModelId model, RunResult result)
    {
    }

    /// <summary>A model was quarantined after several failures in a row, or is back.</summary>
    /// <param name="model">The model.</param>
    /// <param name="isQuarantined">Quarantined; false: back.</param>
    public virtual void QuarantineChanged(ModelId model, bool isQuarantined)
    {
    }
}
