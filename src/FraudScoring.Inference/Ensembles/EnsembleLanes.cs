using FraudScoring.Inference.Devices;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Ensembles;

/// <summary>Buffers on the CPU for runs side by side over one session; made when there are too few, and kept.</summary>
internal sealed class EnsembleLanes(InferenceSession session, LaneGraph graph) : IDisposable
{
    private readonly CpuLane?[] _idle = new CpuLane?[4 * Environment.ProcessorCount];

    public CpuLane Rent()
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is not null && Interlocked.Exchange(ref _idle[i], null) is { } idle)
            {
                return idle;
            }
        }
        return new CpuLane(session, graph, ownsSession: false);
    }

    public void Return(CpuLane lane)
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is null && Interlocked.CompareExchange(ref _idle[i], lane, null) is null)
            {
                return;
            }
        }
        lane.Dispose();
    }

    public void Dispose()
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            Interlocked.Exchange(ref _idle[i], null)?.Dispose();
        }
    }
}
