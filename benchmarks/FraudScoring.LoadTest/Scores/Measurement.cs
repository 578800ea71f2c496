namespace FraudScoring.LoadTest.Scores;

/// <summary>One load on the service or the floor, and what it cost.</summary>
/// <param name="Scenario">The scenario it belongs to.</param>
/// <param name="Name">What tells it from the others of its scenario.</param>
/// <param name="Tally">What became of the payments.</param>
/// <param name="Processors">Processor times during the load.</param>
/// <param name="AllocatedBytes">Bytes that the service allocated; NaN for the floor.</param>
/// <param name="View">What the service reports; null for the floor.</param>
internal sealed record Measurement(
    string Scenario, string Name, Tally Tally, ProcessorTimes Processors, double AllocatedBytes, ServiceView? View)
{
    /// <summary>Percentiles that are reported; 100 is the slowest.</summary>
    public static readonly double[] Percentiles = [50, 90, 99, 99.9, 99.99, 100];

    /// <summary>Name of a percentile, such as "p99.9".</summary>
    public static string PercentileName(double percentile) => percentile == 100 ? "max" : FormattableString.Invariant($"p{percentile}");

    public double OfferedPerSecond => Tally.Offered / Tally.Seconds;

    /// <summary>Payments per second that a model scored within the deadline.</summary>
    public double GoodPerSecond => Tally.Good / Tally.Seconds;

    /// <summary>Bytes that the service allocated, per good payment.</summary>
    public double AllocatedPerPayment => AllocatedBytes / Tally.Good;

    /// <summary>Processor time per good payment in microseconds; NaN if it is unknown.</summary>
    public double MicrosPerPayment(Func<ProcessorTimes, TimeSpan?> of) =>
        of(Processors) is { } time ? time.TotalMicroseconds / Tally.Good : double.NaN;

    /// <summary>Processor time of the service per call that is refused, in microseconds; NaN if it is unknown.</summary>
    public double MicrosPerRefusal => Processors.Service is { } time ? time.TotalMicroseconds / Tally.RefusedTotal : double.NaN;

    /// <summary>Share of one processor that is used; NaN if it is unknown.</summary>
    public double Load(Func<ProcessorTimes, TimeSpan?> of) => of(Processors) is { } time ? time.TotalSeconds / Tally.Seconds : double.NaN;
}
