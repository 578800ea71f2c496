using System.Collections.Concurrent;
using System.Diagnostics;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;
using Prometheus;

namespace FraudScoring.Server.Monitoring;

/// <summary>
/// Times and sizes of a model's runs on a device, in the phases that Triton reports: queue, input, infer, output. Covers bundles and user
/// models. The series are removed with the model, and so are those of its devices and its quarantine.
/// </summary>
internal sealed class ModelMetrics
{
    private static readonly ConcurrentDictionary<(ModelId Model, string Device), ModelMetrics> All = new();
    private readonly Histogram.Child _queue, _input, _infer, _output, _rows;
    private readonly Gauge.Child _waiting;

    private ModelMetrics(ModelId model, string device)
    {
        (_queue, _input, _infer, _output) = (Phase("queue"), Phase("input"), Phase("infer"), Phase("output"));
        _rows = ServerMetrics.InferenceBatchRows.WithLabels(model.Name, model.Version, device);
        _waiting = ServerMetrics.InferenceQueueLength.WithLabels(model.Name, model.Version, device);

        Histogram.Child Phase(string phase) => ServerMetrics.InferenceSeconds.WithLabels(phase, model.Name, model.Version, device);
    }

    /// <summary>The metrics of a model on a device. Allocates only at the first call for the pair.</summary>
    public static ModelMetrics GetOrCreate(ModelId model, string device) =>
        All.TryGetValue((model, device), out var known) ? known
            : All.GetOrAdd((model, device), static key => new ModelMetrics(key.Model, key.Device));

    /// <summary>Removes the series of a model that is no longer served.</summary>
    public static void Remove(ModelId model)
    {
        foreach (var key in All.Keys.Where(key => key.Model == model))
        {
            All.TryRemove(key, out _);
            foreach (var phase in new[] { "queue", "input", "infer", "output" })
            {
                ServerMetrics.InferenceSeconds.RemoveLabelled(phase, model.Name, model.Version, key.Device);
            }
            ServerMetrics.InferenceBatchRows.RemoveLabelled(model.Name, model.Version, key.Device);
            ServerMetrics.InferenceQueueLength.RemoveLabelled(model.Name, model.Version, key.Device);
        }
        var devices = ServerMetrics.DeviceUp.GetAllLabelValues().Where(labels => labels[1] == model.Name && labels[2] == model.Version);
        foreach (var labels in devices.ToList())
        {
            ServerMetrics.DeviceUp.RemoveLabelled(labels);
        }
        ServerMetrics.ModelQuarantined.RemoveLabelled(model.Name, model.Version);
    }

    /// <summary>Records the phases of an answered request, in <see cref="Stopwatch"/> ticks.</summary>
    public void Answered(in RunTimes times)
    {
        _queue.Observe(Seconds(times.Queue));
        _input.Observe(Seconds(times.Input));
        _infer.Observe(Seconds(times.Infer));
        _output.Observe(Seconds(times.Output));
    }

    /// <summary>Records a batch: its rows, and the number of requests that wait now.</summary>
    public void Ran(int rows, int waiting)
    {
        _rows.Observe(rows);
        _waiting.Set(waiting);
    }

    private static double Seconds(long ticks) => ticks / (double)Stopwatch.Frequency;
}
