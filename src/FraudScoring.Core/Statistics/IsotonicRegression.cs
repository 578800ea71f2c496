namespace FraudScoring.Core.Statistics;

/// <summary>Neighbouring observations that share one fitted value.</summary>
/// <param name="First">Smallest x of the block.</param>
/// <param name="Last">Largest x of the block.</param>
/// <param name="Mean">Weighted mean of x in the block.</param>
/// <param name="Value">The fitted value: the weighted mean of y in the block.</param>
/// <param name="Weight">Sum of the block's weights.</param>
public readonly record struct IsotonicBlock(double First, double Last, double Mean, double Value, double Weight);

/// <summary>
/// The non-decreasing function with the least weighted squared error, found by pooling adjacent violators (Ayer, Brunk, Ewing, Reid,
/// Silverman: An empirical distribution function for sampling with incomplete information, 1955). Observations with the same x are first
/// replaced by their weighted mean; between blocks the function is linear.
/// </summary>
/// <remarks>
/// Calibration uses it because it assumes no shape, unlike Platt scaling, and never changes the ranking of payments. The cost is that it
/// overfits blocks with few frauds, so the calibration fit merges them afterwards. Linear pieces between blocks avoid the jumps of the
/// textbook step function.
/// </remarks>
public sealed class IsotonicRegression
{
    private readonly double[] _x;
    private readonly double[] _y;

    private IsotonicRegression(IsotonicBlock[] blocks)
    {
        Blocks = blocks;
        _x = new double[blocks.Length * 2];
        _y = new double[blocks.Length * 2];
        for (var i = 0; i < blocks.Length; i++)
        {
            (_x[2 * i], _x[2 * i + 1]) = (blocks[i].First, blocks[i].Last);
            _y[2 * i] = _y[2 * i + 1] = blocks[i].Value;
        }
    }

    /// <summary>The blocks, in ascending order of x, their values strictly increasing.</summary>
    public IReadOnlyList<IsotonicBlock> Blocks { get; }

    /// <summary>Fits the function.</summary>
    /// <param name="x">Positions, finite, in any order, ties allowed.</param>
    /// <param name="y">Observed values, finite, as many as <paramref name="x"/>.</param>
    /// <param name="weights">
    /// Not negative, finite, as many as <paramref name="x"/>; empty for 1 each. Observations with weight 0 are ignored.
    /// </param>
    /// <exception cref="ArgumentException">Lengths differ, a number is not finite, or no observation has weight.</exception>
    public static IsotonicRegression Fit(ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> weights = default)
    {
        Check(x, y, weights);
        var keys = x.ToArray();
        var order = new int[keys.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }
        Array.Sort(keys, order);
        var pools = new List<Pool>();
        for (var i = 0; i < keys.Length;)
        {
            var pool = new Pool(keys[i], keys[i], 0, 0, 0);
            for (; i < keys.Length && keys[i] == pool.First; i++)
            {
                var weight = weights.IsEmpty ? 1 : weights[order[i]];
                pool = pool.With(new Pool(keys[i], keys[i], weight * keys[i], weight * y[order[i]], weight));
            }
            if (pool.Weight > 0)
            {
                Push(pools, pool);
            }
        }
        if (pools.Count == 0)
        {
            throw new ArgumentException("no observation has a weight above 0", nameof(weights));
        }
        return new IsotonicRegression([.. pools.Select(p => p.ToBlock())]);
    }

    /// <summary>The fitted value at <paramref name="x"/>; outside the observed range that of the nearest block; NaN for NaN.</summary>
    public double Predict(double x)
    {
        if (double.IsNaN(x))
        {
            return double.NaN;
        }
        if (x <= _x[0])
        {
            return _y[0];
        }
        if (x >= _x[^1])
        {
            return _y[^1];
        }
        var found = Array.BinarySearch(_x, x);
        if (found >= 0)
        {
            return _y[found];
        }
        var (low, high) = (~found - 1, ~found);
        return _y[low] + (x - _x[low]) / (_x[high] - _x[low]) * (_y[high] - _y[low]);
    }

    // Each observation is added once and merged at most once, so the fit takes linear time after sorting.
    private static void Push(List<Pool> pools, Pool pool)
    {
        while (pools.Count > 0 && pools[^1].Value >= pool.Value)
        {
            pool = pools[^1].With(pool);
            pools.RemoveAt(pools.Count - 1);
        }
        pools.Add(pool);
    }

    private static void Check(ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> weights)
    {
        if (x.IsEmpty || x.Length != y.Length || (!weights.IsEmpty && weights.Length != x.Length))
        {
            throw new ArgumentException(
                $"x, y and weights must have the same length, at least 1; they have {x.Length}, {y.Length} and {weights.Length}");
        }
        for (var i = 0; i < x.Length; i++)
        {
            var weight = weights.IsEmpty ? 1 : weights[i];
            if (!double.IsFinite(x[i]) || !double.IsFinite(y[i]) || !double.IsFinite(weight) || weight < 0)
            {
                throw new ArgumentException($"observation {i} is not finite, or its weight is negative");
            }
        }
    }

    private readonly record struct Pool(double First, double Last, double WeightedX, double WeightedY, double Weight)
    {
        public double Value => WeightedY / Weight;

        public Pool With(Pool next) =>
            new(First, next.Last, WeightedX + next.WeightedX, WeightedY + next.WeightedY, Weight + next.Weight);

        // Rounding can put the mean of equal numbers outside their range by the last bit.
        public IsotonicBlock ToBlock() => new(First, Last, Math.Clamp(WeightedX / Weight, First, Last), Value, Weight);
    }
}
