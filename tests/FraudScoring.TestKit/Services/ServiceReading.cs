namespace FraudScoring.TestKit.Services;

/// <summary>Resource usage of a service.</summary>
/// <param name="Processor">Processor time used.</param>
/// <param name="Paused">Total time of garbage collection pauses.</param>
/// <param name="Allocated">Number of bytes allocated.</param>
internal sealed record ServiceReading(TimeSpan Processor, TimeSpan Paused, double Allocated)
{
    /// <summary>The usage between two readings.</summary>
    public static ServiceReading operator -(ServiceReading after, ServiceReading before) =>
        new(after.Processor - before.Processor, after.Paused - before.Paused, after.Allocated - before.Allocated);
}
