using FraudScoring.Inference.Devices;

namespace FraudScoring.Inference.Batching;

/// <summary>Opens, compares and measures lanes of a device.</summary>
/// <param name="device">The device.</param>
/// <param name="graph">The graph that the lanes run.</param>
/// <param name="cpu">A lane of the same graph on the CPU; not disposed of here.</param>
/// <param name="estimate">Receives the times measured on the device.</param>
/// <param name="time">The clock.</param>
internal sealed class LaneTrial(IDevice device, LaneGraph graph, IDeviceLane cpu, RunEstimate estimate, TimeProvider time)
    : IDeviceTrial<IDeviceLane>
{
    private const int TimedRuns = 5;

    // Sums of hundreds of float32 leaves in another order differ in the last digits. A wrong tree differs by far more.
    private const float Tolerance = 1e-4f;

    public IDeviceLane Cpu => cpu;

    public IReadOnlyList<int> Sizes => graph.Buckets.Sizes;

    public string RowsName => "requests";

    public IDeviceLane Open() => device.OpenLane(graph);

    public string? FindDifference(IDeviceLane lane)
    {
        var rows = Math.Min(16, graph.Buckets.MaxRows);
        var random = new Random(1);
        foreach (ref var value in cpu.Features[..(rows * graph.Features)])
        {
            value = random.Next(4) == 0 ? float.NaN : (float)Math.Pow(10, (random.NextDouble() * 8) - 2);
        }
        cpu.Features[..(rows * graph.Features)].CopyTo(lane.Features);
        cpu.Run(rows);
        lane.Run(rows);
        for (var i = 0; i < rows; i++)
        {
            var (probability, expected) = (lane.Probability[i], cpu.Probability[i]);
            if (!(Math.Abs(probability - expected) <= Tolerance) && !(float.IsNaN(probability) && float.IsNaN(expected)))
            {
                return FormattableString.Invariant($"returned the probability {probability}; the CPU returned {expected}");
            }
        }
        return null;
    }

    /// <summary>The shortest of several runs: other load on the machine can only make a run longer.</summary>
    public long Measure(IDeviceLane lane, int rows)
    {
        var shortest = long.MaxValue;
        for (var i = 0; i < TimedRuns; i++)
        {
            var start = time.GetTimestamp();
            lane.Run(rows);
            shortest = Math.Min(shortest, time.GetTimestamp() - start);
        }
        if (lane != cpu)
        {
            estimate.Set(graph.Buckets.Holding(rows), shortest);
        }
        return shortest;
    }
}
