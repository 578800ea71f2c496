using System.Diagnostics;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.UserModels;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Api;

/// <summary>Measures a request of the Open Inference Protocol in the phases that Triton reports.</summary>
internal struct InferenceClock()
{
    private long _since = Stopwatch.GetTimestamp();
    private RunTimes _times;

    /// <summary>Call when the tensors are read and checked.</summary>
    public void RecordInput() => _times = _times with { Input = Lap() };

    /// <summary>Call when the request has its permit to run.</summary>
    public void RecordQueue() => _times = _times with { Queue = Lap() };

    /// <summary>Call when the model has run.</summary>
    public void RecordInfer() => _times = _times with { Infer = Lap() };

    /// <summary>Call when the answer is written; reports all phases to the metrics of the model and its device.</summary>
    public void RecordOutput(IServedModel model, string device)
    {
        _times = _times with { Output = Lap() };
        ModelMetrics.GetOrCreate(model.Id, device).Answered(_times);
    }

    private long Lap()
    {
        var now = Stopwatch.GetTimestamp();
        var lap = now - _since;
        _since = now;
        return lap;
    }
}
