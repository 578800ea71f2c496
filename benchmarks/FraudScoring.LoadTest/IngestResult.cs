using System.Globalization;
using System.Text.RegularExpressions;
using Spectre.Console;

namespace FraudScoring.LoadTest;

/// <summary>Result of an ingest run.</summary>
/// <param name="Settings">Settings of the run.</param>
/// <param name="CatchUpRate">Events per second while catching up.</param>
/// <param name="Visible">Time from an event's timestamp until all of its profiles contain it, after catching up.</param>
/// <param name="PingMs">Latency of the bare PINGs in milliseconds, one value for each of <see cref="Shares"/>.</param>
internal sealed record IngestResult(IngestSettings Settings, double CatchUpRate, VisibleTimes Visible, IReadOnlyList<double> PingMs)
{
    /// <summary>The shares of events for which times are reported.</summary>
    public static readonly double[] Shares = [0.5, 0.9, 0.99, 0.999];

    public void Show(IAnsiConsole console)
    {
        var table = new Table().AddColumns("measured", "result", "bare PING of Redis meanwhile");
        table.AddRow(
            $"Catch-up, {Settings.Events:#,0} events", string.Create(CultureInfo.InvariantCulture, $"{CatchUpRate:#,0} events/s"), "");
        foreach (var (share, ping) in Shares.Zip(PingMs))
        {
            table.AddRow(
                string.Create(CultureInfo.InvariantCulture, $"Event to visible at {Settings.Rate:#,0} events/s, {share:P1} of events"),
                string.Create(CultureInfo.InvariantCulture, $"at most {Visible.Within(share) * 1000:0.#} ms"),
                string.Create(CultureInfo.InvariantCulture, $"{ping:0.0} ms"));
        }
        console.Write(table);
    }
}

/// <summary>The buckets of the service's histogram of the time until an event is visible.</summary>
/// <param name="Buckets">Upper bounds in seconds, ascending, each with its cumulative number of events.</param>
internal sealed partial record VisibleTimes(IReadOnlyList<(double Bound, double Count)> Buckets)
{
    /// <summary>Parses the buckets from the text of the service's metrics.</summary>
    public static VisibleTimes Parse(string metrics, string topic) => new(
        [.. Sample().Matches(metrics).Where(m => m.Groups["topic"].Value == topic).Select(m =>
            (m.Groups["le"].Value == "+Inf" ? double.PositiveInfinity : double.Parse(m.Groups["le"].Value, CultureInfo.InvariantCulture),
            double.Parse(m.Groups["count"].Value, CultureInfo.InvariantCulture)))]);

    /// <summary>Total number of events.</summary>
    public double Events => Buckets.Count == 0 ? 0 : Buckets[^1].Count;

    /// <summary>The events between two readings.</summary>
    public static VisibleTimes Between(VisibleTimes before, VisibleTimes after) =>
        new([.. after.Buckets.Zip(before.Buckets, (a, b) => (a.Bound, a.Count - b.Count))]);

    /// <summary>The smallest bound in seconds that covers this share of the events.</summary>
    public double Within(double share) => Buckets.First(bucket => bucket.Count >= share * Buckets[^1].Count).Bound;

    [GeneratedRegex(
        """^fraud_event_visible_seconds_bucket\{topic="(?<topic>[^"]*)",le="(?<le>[^"]*)"\} (?<count>\S+)""", RegexOptions.Multiline)]
    private static partial Regex Sample();
}
