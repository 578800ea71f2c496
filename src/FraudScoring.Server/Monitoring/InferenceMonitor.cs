using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;

namespace FraudScoring.Server.Monitoring;

/// <summary>Reports the events of models and devices to the metrics and the service log.</summary>
internal sealed class InferenceMonitor(ILogger<InferenceMonitor> log) : InferenceReports
{
    /// <inheritdoc />
    public override void DeviceChanged(ModelId model, string device, CircuitState state, string reason)
    {
        ServerMetrics.DeviceUp.WithLabels(device, model.Name, model.Version).Set(state == CircuitState.Closed ? 1 : 0);
        switch (state)
        {
            case CircuitState.Closed:
                log.DeviceUp(device, model.Name, model.Version, reason);
                break;
            case CircuitState.Open:
                ServerMetrics.DeviceFailures.WithLabels(device).Inc();
                log.DeviceNotUsed(LogLevel.Error, device, model.Name, model.Version, "it failed and will be retried", reason);
                break;
            case CircuitState.HalfOpen:
                log.DeviceNotUsed(LogLevel.Warning, device, model.Name, model.Version, "it is being retried", reason);
                break;
            default:
                log.DeviceNotUsed(LogLevel.Warning, device, model.Name, model.Version, "it cannot run the model", reason);
                break;
        }
    }

    /// <inheritdoc />
    public override void BatchRan(ModelId model, string device, int rows, int waiting) =>
        ModelMetrics.GetOrCreate(model, device).Ran(rows, waiting);

    /// <inheritdoc />
    public override void ModelFailed(ModelId model, RunResult result)
    {
        ServerMetrics.ModelFailures.WithLabels(Core.Payments.SnakeCase.Convert(result.Outcome)).Inc();
        log.ModelRunFailed(model.Name, model.Version, result.Reason);
    }

    /// <inheritdoc />
    public override void QuarantineChanged(ModelId model, bool isQuarantined)
    {
        ServerMetrics.ModelQuarantined.WithLabels(model.Name, model.Version).Set(isQuarantined ? 1 : 0);
        if (isQuarantined)
        {
            ServerMetrics.ModelQuarantines.WithLabels(model.Name, model.Version).Inc();
            log.ModelQuarantined(model.Name, model.Version);
        }
        else
        {
            log.ModelReturned(model.Name, model.Version);
        }
    }
}
