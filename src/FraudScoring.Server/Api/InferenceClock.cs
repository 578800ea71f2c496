using System.Diagnostics;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.UserModels;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Api;

/// <summary>Takes the time a request of the Open Inference Protocol spends, split as Triton splits it.</summary>
internal struct InferenceClock()
{
    private long _since = Stopwatch.GetTimestamp();
    private RunTimes _times;

    /// <summary>Its tensors were read and checked.</summary>
    public void RecordInput() => _times = _times with { Input = Lap() };

    /// <summary>It got its turn.</summary>
    public void RecordQueue() => _times = _times with { Queue = Lap() };

    /// <summary>The model ran.</summary>
    public void RecordInfer() => _times = _times with { Infer = Lap() };

    /// <summary>The answer is written.</summary>
    /// <param name="model">The model.</param>
    /// <param name="device">Name of the device that ran it.</param>
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
