namespace FraudScoring.TestKit.Services;

/// <summary>What a service has done.</summary>
/// <param name="Processor">Processor time it has had.</param>
/// <param name="Paused">For how long all its threads stood still while it collected what it no longer uses.</param>
/// <param name="Allocated">Bytes it has allocated.</param>
internal sealed record ServiceReading(TimeSpan Processor, TimeSpan Paused, double Allocated)
{
    /// <summary>What came between two readings.</summary>
    public static ServiceReading operator -(ServiceReading after, ServiceReading before) =>
        new(after.Processor - before.Processor, after.Paused - before.Paused, after.Allocated - before.Allocated);
}
