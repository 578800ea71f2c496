using System.Globalization;
using System.Text;

namespace FraudScoring.LoadTest.Scores;

/// <summary>Measurements as CSV, one per row. A value that is unknown is empty.</summary>
internal static class MeasurementFile
{
    private static readonly (string Name, Func<Measurement, object> Value)[] Columns =
    [
        ("scenario", one => one.Scenario),
        ("load", one => $"\"{one.Name}\""),
        ("seconds", one => one.Tally.Seconds),
        ("offered", one => one.Tally.Offered),
        ("calls", one => one.Tally.Attempts),
        ("good", one => one.Tally.Good),
        ("late", one => one.Tally.Late),
        ("without_model", one => one.Tally.WithoutModel),
        ("refused", one => one.Tally.RefusedTotal),
        ("refused_by_status", one => Counts(one.Tally.Refused.Select(refused => ($"{refused.Status}", refused.Count)))),
        ("failed", one => one.Tally.Failed),
        ("degraded", one => Counts(one.Tally.Degraded.Select(degraded => ($"{degraded.Degradation}", degraded.Count)))),
        .. Measurement.Percentiles.Select(percentile => (
            $"{Measurement.PercentileName(percentile)}_ms", (Func<Measurement, object>)(one => one.Tally.PercentileMs(percentile)))),
        ("p99_from_send_ms", one => one.Tally.PercentileFromSendMs(99)),
        ("service_p99_ms", one => one.View?.RequestP99Ms ?? double.NaN),
        ("shed_by_reason", one => Counts(one.View?.Shed.Select(shed => (shed.Key, (long)shed.Value)) ?? [])),
        ("service_cpu_s", one => Seconds(one.Processors.Service)),
        ("redis_cpu_s", one => Seconds(one.Processors.Redis)),
        ("kafka_cpu_s", one => Seconds(one.Processors.Kafka)),
        ("client_cpu_s", one => Seconds(one.Processors.Client)),
        ("allocated_bytes", one => one.AllocatedBytes),
    ];

    public static string Csv(IEnumerable<Measurement> measurements)
    {
        var text = new StringBuilder();
        text.AppendJoin(',', Columns.Select(column => column.Name)).Append('\n');
        foreach (var measurement in measurements)
        {
            text.AppendJoin(',', Columns.Select(column => Text(column.Value(measurement)))).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>Counts by name in one cell, such as "ResourceExhausted 12; DeadlineExceeded 3".</summary>
    public static string Counts(IEnumerable<(string Name, long Count)> counts) =>
        string.Join("; ", counts.Where(one => one.Count > 0).Select(one => FormattableString.Invariant($"{one.Name} {one.Count}")));

    private static double Seconds(TimeSpan? time) => time?.TotalSeconds ?? double.NaN;

    private static string Text(object value) => value switch
    {
        double.NaN => "",
        double number => number.ToString("0.###", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => $"{value}",
    };
}
