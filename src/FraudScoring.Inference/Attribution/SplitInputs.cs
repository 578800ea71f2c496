namespace FraudScoring.Inference.Attribution;

/// <summary>
/// The entries of a row that splits compare, laid out so that "entry ≤ threshold goes left" is the whole comparison: the row with NaN
/// unchanged, so that it goes right; the row with -∞ for NaN, so that it goes left; then one entry per equality test, -∞ if true, +∞ if
/// false.
/// </summary>
/// <remarks>
/// One kind of comparison, without branches, can be done for eight splits at once. The cost is a row of more than twice the length.
/// </remarks>
internal sealed class SplitInputs(int features)
{
    private readonly List<(int Feature, float Value, bool MissingHolds)> _equalities = [];

    public int Features => features;

    public int Count => (2 * features) + _equalities.Count;

    /// <summary>The equality tests, in the order of their entries. A value of NaN equals nothing.</summary>
    public IReadOnlyList<(int Feature, float Value, bool MissingHolds)> Equalities => _equalities;

    /// <summary>
    /// Converts the comparison of a split: the entry that it reads, its threshold, and whether the left child is the true one.
    /// </summary>
    public (int Input, float Threshold, bool LeftIsTrue) Compile(DecisionTrees trees, int node)
    {
        var (feature, threshold, missing) = (trees.Feature[node], trees.Threshold[node], trees.MissingTracksTrue[node]);
        return trees.Mode[node] switch
        {
            BranchMode.LessOrEqual => (Entry(feature, missing), threshold, true),
            // The opposite of ≤: the left child is the false one, where NaN goes unless it follows the true one.
            BranchMode.Greater => (Entry(feature, !missing), threshold, false),
            // Nothing is below -∞, so no threshold can say it: only a missing value can hold, as in an equality with NaN.
            BranchMode.Less when float.IsNegativeInfinity(threshold) => (Equality(feature, float.NaN, missing), 0, true),
            BranchMode.GreaterOrEqual when float.IsNegativeInfinity(threshold) => (Equality(feature, float.NaN, !missing), 0, false),
            // A float is less than t exactly when it is at most the float before t.
            BranchMode.Less => (Entry(feature, missing), MathF.BitDecrement(threshold), true),
            BranchMode.GreaterOrEqual => (Entry(feature, !missing), MathF.BitDecrement(threshold), false),
            BranchMode.Equal => (Equality(feature, threshold, missing), 0, true),
            _ => (Equality(feature, threshold, !missing), 0, false),
        };
    }

    /// <summary>Writes the entries of one row.</summary>
    public void Fill(ReadOnlySpan<float> row, Span<float> entries)
    {
        var upper = entries.Slice(features, features);
        for (var i = 0; i < features; i++)
        {
            entries[i] = row[i];
            upper[i] = float.IsNaN(row[i]) ? float.NegativeInfinity : row[i];
        }
        for (var i = 0; i < _equalities.Count; i++)
        {
            var (feature, value, missingHolds) = _equalities[i];
            var holds = float.IsNaN(row[feature]) ? missingHolds : row[feature] == value;
            entries[(2 * features) + i] = holds ? float.NegativeInfinity : float.PositiveInfinity;
        }
    }

    private int Entry(int feature, bool missingGoesLeft) => missingGoesLeft ? features + feature : feature;

    private int Equality(int feature, float value, bool missingHolds)
    {
        // Tuples compare NaN as equal to itself, so all tests for a missing value share an entry.
        var index = _equalities.IndexOf((feature, value, missingHolds));
        if (index < 0)
        {
            index = _equalities.Count;
            _equalities.Add((feature, value, missingHolds));
        }
        return (2 * features) + index;
    }
}
