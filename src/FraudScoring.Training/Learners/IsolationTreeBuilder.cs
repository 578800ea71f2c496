using System.Numerics;
using FraudScoring.Core.Statistics;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>
/// Grows one isolation tree on a draw of rows: a random feature, a random threshold between its least and its largest value there, down
/// to single rows or to the depth at which an ordinary row would be alone. A missing value goes with most of the known ones: that
/// nothing is known of a payment makes it no stranger.
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

    /// <summary>The mean path length of an unsuccessful search in a binary tree of so many rows: what is missing below a leaf of several.</summary>
    public static double PathBelow(int rows)
    {
        var harmonic = 0.0;
        for (var i = 1; i < rows; i++)
        {
            harmonic += 1.0 / i;
        }
        return rows < 2 ? 0 : (2 * harmonic) - (2.0 * (rows - 1) / rows);
    }

    /// <summary>Different rows, by Floyd's method: as many draws as rows.</summary>
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

    /// <summary>A feature that is not the same in all rows, each equally likely.</summary>
    private bool TrySplit(ReadOnlySpan<int> rows, out int feature, out float threshold)
    {
        for (var left = _features.Length; left > 0; left--)
        {
            var chosen = _random.Below(left);
            feature = _features[chosen];
            (_features[chosen], _features[left - 1]) = (_features[left - 1], feature);
            var (least, most) = Range(rows, feature);
            // Floats as the exported graph compares them; what LightGBM takes for 0 is one value.
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

    /// <summary>Moves what goes left to the front; returns how many.</summary>
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
