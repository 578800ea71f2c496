using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Quality;

/// <summary>Quality figures of one column.</summary>
/// <param name="Name">Name of the column.</param>
/// <param name="Missing">Share of rows without a value, 0 to 1.</param>
/// <param name="Constant">True if all present values are equal.</param>
/// <param name="Drift">
/// Population stability index between the first and the last part; null for identifiers and for fewer than 100 rows per part.
/// </param>
/// <param name="AreaUnderRoc">
/// Area under the ROC curve with the column as the only score, in its better direction; null for identifiers and for fewer than
/// <see cref="FewestFrauds"/> frauds.
/// </param>
/// <param name="AveragePrecision">Average precision with the column as the only score; null as for the area.</param>
internal sealed record ColumnQuality(
    string Name, double Missing, bool Constant, double? Drift, double? AreaUnderRoc, double? AveragePrecision)
{
    /// <summary>With fewer frauds than this, ranking figures of a column are mostly chance.</summary>
    public const int FewestFrauds = 20;

    private const int FewestRows = 100;

    /// <param name="column">The column; at least one row.</param>
    /// <param name="frauds">True for the rows that are frauds.</param>
    /// <param name="firstRows">Number of rows at the beginning that are the reference for drift.</param>
    /// <param name="lastRows">Number of rows at the end that are compared with them.</param>
    public static ColumnQuality Create(QualityColumn column, bool[] frauds, int firstRows, int lastRows)
    {
        var values = column.Values;
        var present = Array.FindAll(values, value => !double.IsNaN(value));
        var constant = present.Length > 0 && Array.TrueForAll(present, value => value == present[0]);
        var missing = 1 - (present.Length / (double)values.Length);
        var drift = column.Kind == ColumnKind.Identifier || Math.Min(firstRows, lastRows) < FewestRows
            ? (double?)null
            : DriftOf(column, values.AsSpan(0, firstRows), values.AsSpan(values.Length - lastRows));
        var (area, precision) = column.Kind == ColumnKind.Identifier ? (null, null) : RankingOf(column, frauds);
        return new ColumnQuality(column.Name, missing, constant, drift, area, precision);
    }

    /// <summary>The index over deciles and atoms, or categories. Missing values, if there are any, form a bin.</summary>
    private static double DriftOf(QualityColumn column, ReadOnlySpan<double> first, ReadOnlySpan<double> last)
    {
        double[] reference = Present(first), current = Present(last);
        if (reference.Length == 0 || current.Length == 0)
        {
            return PopulationStability.OfShares(
                [reference.Length / (double)first.Length, 1 - (reference.Length / (double)first.Length)],
                [current.Length / (double)last.Length, 1 - (current.Length / (double)last.Length)]);
        }
        var edges = column.Kind == ColumnKind.Category
            ? [.. reference.Concat(current).Distinct().Order().SkipLast(1)]
            : PopulationStability.Edges(reference);
        var anyMissing = reference.Length < first.Length || current.Length < last.Length;
        return PopulationStability.OfShares(
            Shares(edges, reference, first.Length, anyMissing), Shares(edges, current, last.Length, anyMissing));
    }

    private static double[] Shares(double[] edges, double[] present, int rows, bool anyMissing)
    {
        var share = present.Length / (double)rows;
        var shares = PopulationStability.Shares(edges, present);
        return !anyMissing ? shares : [.. shares.Select(bin => bin * share), 1 - share];
    }

    private static (double? AreaUnderRoc, double? AveragePrecision) RankingOf(QualityColumn column, bool[] labels)
    {
        var (scores, frauds) = column.Kind == ColumnKind.Category ? RatesOf(column.Values, labels) : (column.Values, labels);
        var count = frauds.Count(fraud => fraud);
        if (count < FewestFrauds || count == frauds.Length)
        {
            return (null, null);
        }
        // A missing value ranks lowest: a column that is present only for frauds, or only for legitimate payments, leaks the label too.
        var ranks = Array.ConvertAll(scores, score => double.IsNaN(score) ? double.NegativeInfinity : score);
        var area = RankingMetrics.AreaUnderRoc(ranks, frauds);
        if (area < 0.5)
        {
            ranks = Array.ConvertAll(ranks, rank => -rank);
        }
        return (Math.Max(area, 1 - area), RankingMetrics.AveragePrecision(ranks, frauds));
    }

    /// <summary>
    /// Categories have no order, so each is scored by its share of frauds in the first half of the rows; only the second half is ranked.
    /// Scoring the rows that the shares were computed from would make every rare category look like a leak.
    /// </summary>
    private static (double[] Scores, bool[] Frauds) RatesOf(double[] values, bool[] frauds)
    {
        var half = values.Length / 2;
        var counts = new Dictionary<double, (int Frauds, int Rows)>();
        for (var i = 0; i < half; i++)
        {
            var (known, rows) = counts.GetValueOrDefault(values[i]);
            counts[values[i]] = (known + (frauds[i] ? 1 : 0), rows + 1);
        }
        var overall = frauds.Take(half).Count(fraud => fraud) / (double)Math.Max(1, half);
        double RateOf(double value) => counts.TryGetValue(value, out var count) ? (count.Frauds + overall) / (count.Rows + 1) : overall;
        return ([.. values.Skip(half).Select(RateOf)], frauds[half..]);
    }

    private static double[] Present(ReadOnlySpan<double> values) =>
        Array.FindAll(values.ToArray(), value => !double.IsNaN(value));
}
