using System.Text.Json;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;

namespace FraudScoring.Server.Monitoring;

/// <summary>Tells metrics and log what models and devices do. Models are loaded before there is a log: what is heard until then is kept for it.</summary>
internal sealed class InferenceMonitor : InferenceReports
{
    private readonly Lock _gate = new();
    private readonly List<Action<ILogger>> _early = [];
    private ILogger? _log;

    /// <summary>The log is there.</summary>
    public void LogTo(ILogger log)
    {
        lock (_gate)
        {
            _log = log;
            _early.ForEach(write => write(log));
            _early.Clear();
        }
    }

    /// <inheritdoc />
    public override void DeviceChanged(ModelId model, string device, CircuitState state, string reason)
    {
        ServerMetrics.DeviceUp.WithLabels(device, model.Name, model.Version).Set(state == CircuitState.Closed ? 1 : 0);
        if (state == CircuitState.Open)
        {
            ServerMetrics.DeviceFailures.WithLabels(device).Inc();
        }
        Write(log =>
        {
            if (state == CircuitState.Closed)
            {
                log.DeviceUp(device, model.Name, model.Version, reason);
            }
            else
            {
                log.DeviceNotUsed(state == CircuitState.Open ? LogLevel.Error : LogLevel.Warning, device, model.Name, model.Version, state, reason);
            }
        });
    }

    /// <inheritdoc />
    public override void BatchRan(ModelId model, string device, int rows, int waiting) =>
        ModelMetrics.For(model, device).Ran(rows, waiting);

    /// <inheritdoc />
    public override void ModelFailed(ModelId model, RunVerdict verdict)
    {
        ServerMetrics.ModelFailures.WithLabels(JsonNamingPolicy.SnakeCaseLower.ConvertName(verdict.Outcome.ToString())).Inc();
        Write(log => log.ModelGaveNoAnswer(model.Name, model.Version, verdict.Reason));
    }

    /// <inheritdoc />
    public override void QuarantineChanged(ModelId model, bool isQuarantined)
    {
        ServerMetrics.ModelQuarantined.WithLabels(model.Name, model.Version).Set(isQuarantined ? 1 : 0);
        if (isQuarantined)
        {
            ServerMetrics.ModelQuarantines.WithLabels(model.Name, model.Version).Inc();
            Write(log => log.ModelQuarantined(model.Name, model.Version));
        }
        else
        {
            Write(log => log.ModelReturned(model.Name, model.Version));
        }
    }

    private void Write(Action<ILogger> write)
    {
        lock (_gate)
        {
            if (_log is null)
            {
                _early.Add(write);
                return;
            }
        }
        write(_log);
    }
}
