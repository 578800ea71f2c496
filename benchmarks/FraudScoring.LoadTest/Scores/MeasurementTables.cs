namespace FraudScoring.LoadTest.Scores;

/// <summary>Tables of what became of the payments, how long they took, and what they cost.</summary>
internal static class MeasurementTables
{
    public static ResultTable[] Of(IReadOnlyList<Measurement> measurements) =>
        [Outcomes(measurements), Latencies(measurements), Costs(measurements)];

    private static ResultTable Outcomes(IEnumerable<Measurement> measurements)
    {
        var table = new ResultTable("load", "offered/s", "scored in time/s", "late", "refused", "without model", "failed", "degraded");
        foreach (var one in measurements)
        {
            var tally = one.Tally;
            table.Add(
                one.Name, one.OfferedPerSecond, one.GoodPerSecond, tally.Late,
                MeasurementFile.Counts(tally.Refused.Select(refused => ($"{refused.Status}", refused.Count))), tally.WithoutModel,
                tally.Failed,
                MeasurementFile.Counts(tally.Degraded.Select(degraded => ($"{degraded.Degradation}", degraded.Count))));
        }
        return table;
    }

    private static ResultTable Latencies(IEnumerable<Measurement> measurements)
    {
        var table = new ResultTable(
            ["latency of the scored, ms", .. Measurement.Percentiles.Select(Measurement.PercentileName), "p99 from send",
                "p99 by the service"]);
        foreach (var one in measurements)
        {
            table.Add(
                one.Name, [.. Measurement.Percentiles.Select(percentile => (object)one.Tally.PercentileMs(percentile)),
                    one.Tally.PercentileFromSendMs(99), one.View?.RequestP99Ms ?? double.NaN]);
        }
        return table;
    }

    private static ResultTable Costs(IReadOnlyList<Measurement> measurements)
    {
        var isShed = measurements.Any(one => one.View?.Shed.Count > 0);
        string[] shed = isShed ? ["shed by the service"] : [];
        var table = new ResultTable(
            ["CPU per scored payment, µs (share of a processor)", "service", "Redis", "Kafka", "client", "allocated, bytes", .. shed]);
        foreach (var one in measurements)
        {
            object[] counts = isShed ? [MeasurementFile.Counts(one.View!.Shed.Select(by => (by.Key, (long)by.Value)))] : [];
            table.Add(
                one.Name, [Cost(one, time => time.Service), Cost(one, time => time.Redis), Cost(one, time => time.Kafka),
                    Cost(one, time => time.Client), one.AllocatedPerPayment, .. counts]);
        }
        return table;
    }

    private static string Cost(Measurement one, Func<ProcessorTimes, TimeSpan?> of) => of(one.Processors) is null
        ? "-" : FormattableString.Invariant($"{one.MicrosPerPayment(of):#,0} ({one.Load(of):0.00})");
}
