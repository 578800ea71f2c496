using System.Globalization;
using System.Text.RegularExpressions;

namespace FraudScoring.LoadTest.Scores;

/// <summary>What the service itself reports about the requests of a load, as the difference of two readings of its metrics.</summary>
/// <param name="RequestP99Ms">99th percentile of the duration of requests; NaN if the service does not report it.</param>
/// <param name="Shed">Requests shed, by reason.</param>
internal sealed partial record ServiceView(double RequestP99Ms, IReadOnlyDictionary<string, double> Shed)
{
    private const string Requests = "fraud_request_seconds_bucket", ShedTotal = "fraud_shed_total";

    public static ServiceView Between(string before, string after)
    {
        var buckets = Difference(before, after, Requests, "le")
            .Select(one => (Bound: Bound(one.Key), one.Value)).OrderBy(one => one.Bound).ToList();
        return new ServiceView(1000 * Quantile(buckets, 0.99), Difference(before, after, ShedTotal, "reason"));
    }

    /// <summary>A quantile from cumulative buckets, with interpolation inside the bucket, as Prometheus does it.</summary>
    public static double Quantile(IReadOnlyList<(double Bound, double Count)> buckets, double share)
    {
        if (buckets.Count == 0 || buckets[^1].Count == 0)
        {
            return double.NaN;
        }
        var rank = share * buckets[^1].Count;
        var at = buckets.Index().First(one => one.Item.Count >= rank).Index;
        if (double.IsInfinity(buckets[at].Bound))
        {
            return at == 0 ? double.NaN : buckets[at - 1].Bound;
        }
        var (low, below) = at == 0 ? (0, 0) : buckets[at - 1];
        return low + ((buckets[at].Bound - low) * (rank - below) / (buckets[at].Count - below));
    }

    private static double Bound(string label) =>
        label == "+Inf" ? double.PositiveInfinity : double.Parse(label, CultureInfo.InvariantCulture);

    private static Dictionary<string, double> Difference(string before, string after, string name, string label)
    {
        var earlier = Values(before, name, label);
        return Values(after, name, label).ToDictionary(one => one.Key, one => one.Value - earlier.GetValueOrDefault(one.Key));
    }

    /// <summary>The samples of a metric by one of its labels, summed over the others.</summary>
    private static Dictionary<string, double> Values(string metrics, string name, string label) => Sample().Matches(metrics)
        .Where(sample => sample.Groups["name"].Value == name)
        .Select(sample => (Label: Labels().Matches(sample.Groups["labels"].Value).FirstOrDefault(one => one.Groups["name"].Value == label),
            Value: double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture)))
        .Where(sample => sample.Label is not null)
        .GroupBy(sample => sample.Label!.Groups["value"].Value, sample => sample.Value)
        .ToDictionary(same => same.Key, same => same.Sum());

    [GeneratedRegex("""^(?<name>fraud_(?:request_seconds_bucket|shed_total))\{(?<labels>[^}]*)\} (?<value>\S+)$""", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex("(?<name>\\w+)=\"(?<value>[^\"]*)\"")]
    private static partial Regex Labels();
}
