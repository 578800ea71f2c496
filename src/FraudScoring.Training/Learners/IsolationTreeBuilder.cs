using System.Numerics;
using FraudScoring.Core.Statistics;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>
/// Grows an isolation tree on a draw of rows: each split takes a random feature and a random threshold between the feature's smallest and
/// largest value, down to single rows or to the depth at which an ordinary row is alone. A missing value goes with the majority of the
/// present ones, because missing information does not make a payment unusual.
/// </summary>
internal sealed class IsolationTreeBuilder
{
    private readonly TrainingMatrix _matrix;
    private readonly RandomStream _random;
    private readonly int _trees;
    private readonly int _subsample;
    private readonly int _deepest;
    private readonly int[] _features;
    private readonly List<IsolationSplit> _splits = [];
    private readonly List<double> _leafValues = [];
    private readonly List<double> _leafCounts = [];

    public IsolationTreeBuilder(TrainingMatrix matrix, IsolationForestParameters parameters, int tree)
    {
        (_matrix, _trees, _subsample) = (matrix, parameters.Trees, Math.Min(parameters.Subsample, matrix.Rows));
        _random = new RandomStream((ulong)parameters.Seed, RandomPurpose.IsolationForest, tree);
        _deepest = BitOperations.Log2((uint)Math.Max(parameters.Subsample - 1, 1)) + 1;
        _features = [.. Enumerable.Range(0, matrix.Features)];
    }

    public IsolationTree Build()
    {
        Grow(Draw(), 0);
        return new IsolationTree([.. _splits], [.. _leafValues], [.. _leafCounts]);
    }

    /// <summary>
    /// Mean path length of an unsuccessful search in a binary search tree of a number of rows: the expected rest of the path below a leaf
    /// that still holds several rows.
    /// </summary>
    public static double PathBelow(int rows)
    {
        var harmonic = 0.0;
        for (var i = 1; i < rows; i++)
        {
            harmonic += 1.0 / i;
        }
        return rows < 2 ? 0 : (2 * harmonic) - (2.0 * (rows - 1) / rows);
    }

    /// <summary>Draws distinct rows with Floyd's algorithm, which needs one random number per row.</summary>
    private int[] Draw()
    {
        var drawn = new HashSet<int>();
        for (var most = _matrix.Rows - _subsample; most < _matrix.Rows; most++)
        {
            var row = _random.Below(most + 1);
            drawn.Add(drawn.Contains(row) ? most : row);
        }
        int[] rows = [.. drawn];
        Array.Sort(rows);
        return rows;
    }

    private int Grow(Span<int> rows, int depth)
    {
        if (rows.Length < 2 || depth >= _deepest || !TrySplit(rows, out var feature, out var threshold))
        {
            _leafValues.Add(-(depth + PathBelow(rows.Length)) / _trees);
            _leafCounts.Add(rows.Length);
            return ~(_leafValues.Count - 1);
        }
        var missingLeft = MostGoLeft(rows, feature, threshold);
        var left = Partition(rows, feature, threshold, missingLeft);
        var at = _splits.Count;
        _splits.Add(default);
        var (below, above) = (Grow(rows[..left], depth + 1), Grow(rows[left..], depth + 1));
        _splits[at] = new IsolationSplit(feature, threshold, missingLeft, below, above, rows.Length);
        return at;
    }

    /// <summary>Draws one of the features that differ between the rows, each with the same probability.</summary>
    private bool TrySplit(ReadOnlySpan<int> rows, out int feature, out float threshold)
    {
        for (var left = _features.Length; left > 0; left--)
        {
            var chosen = _random.Below(left);
            feature = _features[chosen];
            (_features[chosen], _features[left - 1]) = (_features[left - 1], feature);
            var (least, most) = Range(rows, feature);
            // Rounded as for LightGBM's splits, because the same exporter writes both: see SplitIntervals.Floor.
            threshold = least < most ? SplitIntervals.Floor(_random.Uniform(least, most)) : float.NaN;
            if (threshold < least)
            {
                threshold = SplitIntervals.Floor(least);
            }
            if (threshold >= least && threshold < most)
            {
                return true;
            }
        }
        (feature, threshold) = (-1, float.NaN);
        return false;
    }

    private (float Least, float Most) Range(ReadOnlySpan<int> rows, int feature)
    {
        var (least, most) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (var row in rows)
        {
            var value = _matrix.Row(row)[feature];
            if (float.IsFinite(value))
            {
                (least, most) = (Math.Min(least, value), Math.Max(most, value));
            }
        }
        return (least, most);
    }

    private bool MostGoLeft(ReadOnlySpan<int> rows, int feature, float threshold)
    {
        var balance = 0;
        foreach (var row in rows)
        {
            var value = _matrix.Row(row)[feature];
            balance += float.IsNaN(value) ? 0 : value <= threshold ? 1 : -1;
        }
        return balance >= 0;
    }

    /// <summary>Moves the rows that go left to the front; returns their number.</summary>
    private int Partition(Span<int> rows, int feature, float threshold, bool missingLeft)
    {
        var left = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            var value = _matrix.Row(rows[i])[feature];
            if (float.IsNaN(value) ? missingLeft : value <= threshold)
            {
                (rows[left], rows[i]) = (rows[i], rows[left]);
                left++;
            }
        }
        return left;
    }
}
