using FraudScoring.Inference.Batching;

namespace FraudScoring.Server.Monitoring;

/// <summary>Reports to metrics and log what models and devices do.</summary>
internal sealed class InferenceMonitor(ILogger<InferenceMonitor> log) : InferenceReports
{
    /// <inheritdoc />
    public override void DeviceChanged(ModelName subject, string device, DeviceState state, string reason)
    {
        ServerMetrics.DeviceUp.WithLabels(device, subject.Model, subject.Version).Set(state == DeviceState.Up ? 1 : 0);
        if (state == DeviceState.Down)
        {
            ServerMetrics.DeviceFailures.WithLabels(device).Inc();
        }
        if (state == DeviceState.Up)
        {
            log.DeviceUp(device, subject.Model, subject.Version, reason);
        }
        else
        {
            log.DeviceNotUsed(state == DeviceState.Down ? LogLevel.Error : LogLevel.Warning, device, subject.Model, subject.Version, state, reason);
        }
    }

    /// <inheritdoc />
    public override void BatchRan(ModelName subject, string device, int rows, int waiting) =>
        ModelMetrics.Of(subject.Model, subject.Version, device).Ran(rows, waiting);

    /// <inheritdoc />
    public override void QuarantineChanged(ModelName subject, bool isKeptAway)
    {
        ServerMetrics.ModelQuarantined.WithLabels(subject.Model, subject.Version).Set(isKeptAway ? 1 : 0);
        if (isKeptAway)
        {
            ServerMetrics.ModelQuarantines.WithLabels(subject.Model, subject.Version).Inc();
            log.ModelQuarantined(subject.Model, subject.Version);
        }
        else
        {
            log.ModelReturned(subject.Model, subject.Version);
        }
    }

    /// <summary>Tells the quarantine of a model that was admitted that it gave a valid answer.</summary>
    public void Good(Quarantine quarantine, Admission admission, string model, string version)
    {
        if (quarantine.RecordSuccess(admission))
        {
            QuarantineChanged(new ModelName(model, version), isKeptAway: false);
        }
    }

    /// <summary>Counts that a model gave no valid answer, and tells its quarantine.</summary>
    public void Bad(Quarantine quarantine, Admission admission, string model, string version, string reason)
    {
        ServerMetrics.ModelFailures.WithLabels(reason).Inc();
        if (quarantine.RecordFailure(admission))
        {
            QuarantineChanged(new ModelName(model, version), isKeptAway: true);
        }
    }
}
