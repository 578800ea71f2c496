using FraudScoring.Inference.Devices;

namespace FraudScoring.Inference.Ensembles;

/// <summary>A pool of lanes for concurrent runs. It grows as needed. A lane is returned however its run ends.</summary>
internal sealed class EnsembleLanes(Func<IDeviceLane> open) : IDisposable
{
    private readonly IDeviceLane?[] _idle = new IDeviceLane?[4 * Environment.ProcessorCount];
    private int _opened;

    public int Opened => Volatile.Read(ref _opened);

    /// <summary>Rents a lane for one run. Disposing of the lease returns it.</summary>
    public Lease Rent()
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is not null && Interlocked.Exchange(ref _idle[i], null) is { } idle)
            {
                return new Lease(this, idle);
            }
        }
        var lane = open();
        Interlocked.Increment(ref _opened);
        return new Lease(this, lane);
    }

    public void Dispose()
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            Interlocked.Exchange(ref _idle[i], null)?.Dispose();
        }
    }

    private void Return(IDeviceLane lane)
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

    /// <summary>A lane for one run.</summary>
    public readonly struct Lease(EnsembleLanes lanes, IDeviceLane lane) : IDisposable
    {
        public IDeviceLane Lane => lane;

        public void Dispose() => lanes.Return(lane);
    }
}
