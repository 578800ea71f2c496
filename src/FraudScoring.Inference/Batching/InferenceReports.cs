namespace FraudScoring.Inference.Batching;

/// <summary>How a device stands with a model.</summary>
public enum DeviceState
{
    /// <summary>It is being opened and measured.</summary>
    Starting,
    /// <summary>It runs the model.</summary>
    Up,
    /// <summary>It failed; its twin answers, and it is tried again from time to time.</summary>
    Down,
    /// <summary>It would not run this model as it has to be run; its twin answers.</summary>
    Refused,
}

/// <summary>Hears what models and devices do. As it stands, it keeps nothing.</summary>
public class InferenceReports
{
    /// <summary>For those who want to hear nothing.</summary>
    public static InferenceReports None { get; } = new();

    /// <summary>A device's standing changed.</summary>
    /// <param name="subject">The model.</param>
    /// <param name="device">The device.</param>
    /// <param name="state">How it stands now.</param>
    /// <param name="reason">Why, in words.</param>
    public virtual void DeviceChanged(ModelName subject, string device, DeviceState state, string reason)
    {
    }

    /// <summary>A batch was run.</summary>
    /// <param name="subject">The model.</param>
    /// <param name="device">Who ran it.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="waiting">How many requests wait now.</param>
    public virtual void BatchRan(ModelName subject, string device, int rows, int waiting)
    {
    }

    /// <summary>A model is kept away from payments since it gave no valid answer several times in a row, or is back.</summary>
    /// <param name="subject">The model.</param>
    /// <param name="isKeptAway">Kept away; false: back.</param>
    public virtual void QuarantineChanged(ModelName subject, bool isKeptAway)
    {
    }
}

/// <summary>A model by name and version.</summary>
public sealed record ModelName(string Model, string Version);
