using FraudScoring.Inference.Devices;

namespace FraudScoring.Inference.Batching;

/// <summary>What a lane must show before it gets payments: that it agrees with its twin, and how long it takes.</summary>
internal static class LaneTrial
{
    private const int TimedRuns = 5;

    // Two ways to add up hundreds of float32 leaves differ in the last digits; a wrong tree differs by far more.
    private const float Tolerance = 1e-4f;

    /// <summary>Runs the same made-up rows on both.</summary>
    /// <exception cref="DeviceFailedException">They do not agree.</exception>
    public static void Compare(IDeviceLane lane, IDeviceLane twin, LaneGraph graph)
    {
        var rows = Math.Min(16, graph.Buckets.MaxRows);
        var random = new Random(1);
        foreach (ref var value in twin.Features[..(rows * graph.Features)])
        {
            value = random.Next(4) == 0 ? float.NaN : (float)Math.Pow(10, (random.NextDouble() * 8) - 2);
        }
        twin.Features[..(rows * graph.Features)].CopyTo(lane.Features);
        twin.Run(rows);
        lane.Run(rows);
        for (var i = 0; i < rows; i++)
        {
            var (probability, expected) = (lane.Probability[i], twin.Probability[i]);
            if (!(Math.Abs(probability - expected) <= Tolerance) && !(float.IsNaN(probability) && float.IsNaN(expected)))
            {
                throw new DeviceFailedException(FormattableString.Invariant($"it gave the probability {probability} where the CPU gives {expected}"));
            }
        }
    }

    /// <summary>Whether all probabilities of the last run are some.</summary>
    public static bool AreValid(IDeviceLane lane, int rows)
    {
        foreach (var probability in lane.Probability[..rows])
        {
            if (probability is not (>= 0 and <= 1))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The shortest of a few runs, in ticks: what the machine does besides only makes them longer.</summary>
    public static long Time(IDeviceLane lane, int rows, TimeProvider time)
    {
        var shortest = long.MaxValue;
        for (var i = 0; i < TimedRuns; i++)
        {
            var start = time.GetTimestamp();
            lane.Run(rows);
            shortest = Math.Min(shortest, time.GetTimestamp() - start);
        }
        return shortest;
    }
}
