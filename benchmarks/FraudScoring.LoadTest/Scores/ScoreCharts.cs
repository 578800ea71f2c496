namespace FraudScoring.LoadTest.Scores;

/// <summary>Charts of loads.</summary>
internal static class ScoreCharts
{
    private static readonly double[] Shares = [50, 75, 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.98, 99.99];

    // The distance from the left is the number of payments of which one is slower.
    private static readonly ChartAxis Quantiles = new(
        "share of the scored payments", [(2, "50 %"), (10, "90 %"), (100, "99 %"), (1000, "99.9 %"), (10_000, "99.99 %")],
        IsLogarithmic: true);

    /// <summary>Latency over the share of payments that it covers. A share that leaves less than one payment is not drawn.</summary>
    public static string Latency(IReadOnlyList<Measurement> measurements)
    {
        var lines = measurements.Index().Select(one => new ChartLine(
            one.Item.Name,
            [.. Shares.Where(share => one.Item.Tally.Scored * (100 - share) >= 100)
                .Select(share => (100 / (100 - share), one.Item.Tally.PercentileMs(share)))],
            one.Index)).ToList();
        var times = lines.SelectMany(line => line.Points).Select(point => point.Y).Where(double.IsFinite).DefaultIfEmpty(1).ToList();
        return LineChart.Svg(
            "Latency by share of the scored payments", Quantiles,
            ChartAxis.Logarithmic("ms from when it is due", times.Min(), times.Max()), lines);
    }

    /// <summary>Payments scored in time over payments offered; the dashed line is all of them.</summary>
    public static string Goodput(IReadOnlyList<Measurement> measurements)
    {
        var most = measurements.Max(one => one.OfferedPerSecond);
        ChartLine[] lines =
        [
            new("scored in time", [.. measurements.Select(one => (one.OfferedPerSecond, one.GoodPerSecond))], 0),
            new("all", [(0, 0), (most, most)], 6, Dash: 1),
        ];
        return LineChart.Svg(
            "Payments scored within 100 ms, by payments offered", ChartAxis.Linear("offered per s", most),
            ChartAxis.Linear("scored in time per s", most), lines);
    }
}
