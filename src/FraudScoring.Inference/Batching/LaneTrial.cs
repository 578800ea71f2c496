using FraudScoring.Inference.Devices;

namespace FraudScoring.Inference.Batching;

/// <summary>Opens, compares and measures lanes.</summary>
/// <param name="device">Opens them.</param>
/// <param name="graph">What they run.</param>
/// <param name="cpu">The same on the CPU; not disposed of here.</param>
/// <param name="estimate">Gets what is measured on the device.</param>
/// <param name="time">The clock.</param>
internal sealed class LaneTrial(IDevice device, LaneGraph graph, IDeviceLane cpu, RunEstimate estimate, TimeProvider time) : IDeviceTrial<IDeviceLane>
{
    private const int TimedRuns = 5;

    // Two ways to add up hundreds of float32 leaves differ in the last digits; a wrong tree differs by far more.
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
                return FormattableString.Invariant($"it gave the probability {probability} where the CPU gives {expected}");
            }
        }
        return null;
    }

    /// <summary>The shortest of a few runs: whatever else the machine does only makes them longer.</summary>
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
