using FraudScoring.Inference.Devices;

namespace FraudScoring.Inference.Batching;

/// <summary>The requests of one run of a lane. Each lane has one such object and reuses it.</summary>
/// <param name="maxRows">Largest number of requests in a run.</param>
/// <param name="graph">The graph that the lane runs.</param>
/// <param name="time">The clock.</param>
internal sealed class LaneBatch(int maxRows, LaneGraph graph, TimeProvider time) : IDeviceWork<IDeviceLane>
{
    private readonly BatchEntry[] _entries = new BatchEntry[maxRows];
    private int _count;

    public ReadOnlySpan<BatchEntry> Entries => _entries.AsSpan(0, _count);

    /// <summary>The lane that ran the requests last and holds their answers; null before a run.</summary>
    public IDeviceLane? Lane { get; private set; }

    /// <summary>Time stamp at which all features were in the lane's buffers.</summary>
    public long GatheredAt { get; private set; }

    /// <summary>Always false: a request whose caller gave up still runs with its batch.</summary>
    public bool IsAbandoned => false;

    /// <summary>Takes the next requests of a queue.</summary>
    /// <returns>Their number.</returns>
    public int Take(BatchQueue queue, RunEstimate estimate)
    {
        Lane = null;
        return _count = queue.Take(_entries, estimate);
    }

    public void Clear()
    {
        _entries.AsSpan(0, _count).Clear();
        _count = 0;
    }

    public string? Run(IDeviceLane lane)
    {
        if (Lane is { } first)
        {
            // Not from the tickets: a ticket whose deadline has passed may hold another request by now, and both lanes must run the same
            // rows.
            first.Features[..(_count * graph.Features)].CopyTo(lane.Features);
        }
        else
        {
            Gather(lane);
        }
        Lane = lane;
        lane.Run(_count);
        return AreValid(lane.Probability[.._count]) ? null : "an invalid probability (NaN or outside 0..1)";
    }

    private void Gather(IDeviceLane lane)
    {
        for (var i = 0; i < _count; i++)
        {
            // Without a lock: a ticket that was answered meanwhile may be refilled during the copy, but its new generation bars the answer.
            _entries[i].Ticket.Features.CopyTo(lane.Features[(i * graph.Features)..]);
        }
        GatheredAt = time.GetTimestamp();
    }

    private static bool AreValid(ReadOnlySpan<float> probabilities)
    {
        foreach (var probability in probabilities)
        {
            if (probability is not (>= 0 and <= 1))
            {
                return false;
            }
        }
        return true;
    }
}
