namespace FraudScoring.Training.Learners;

/// <summary>Float values above the interval before, up to and including <paramref name="Upper"/>, and where they go.</summary>
internal readonly record struct SplitInterval(float Upper, bool Left);

/// <summary>
/// What a LightGBM split does with every float32, as intervals of the number line in ascending order, the last one up to infinity:
/// the one form for numeric splits, splits with zeros missing and categorical splits. Neighbours differ in direction.
/// </summary>
/// <param name="All">At least one.</param>
/// <param name="Missing">Index of the interval NaN goes with.</param>
internal sealed record SplitIntervals(IReadOnlyList<SplitInterval> All, int Missing)
{
    // LightGBM's kZeroThreshold: what is no further from 0 is 0.
    private const float ZeroBound = 1e-35f;

    public static SplitIntervals Create(LightGbmSplit split)
    {
        var intervals = split switch
        {
            { Categories: { } categories } => Categorical(categories),
            { Missing: MissingKind.Zero } => ZeroMissing(Floor(split.Threshold), split.DefaultLeft),
            _ => [new(Floor(split.Threshold), true), new(float.PositiveInfinity, false)],
        };
        var missingLeft = split switch
        {
            { Categories: not null } => false,
            { Missing: MissingKind.None } => 0 <= split.Threshold,
            _ => split.DefaultLeft,
        };
        return new SplitIntervals(intervals, intervals.FindIndex(i => i.Left == missingLeft));
    }

    /// <summary>
    /// The largest float that LightGBM finds not above a threshold: for floats x, x ≤ Floor(t) exactly when x ≤ t, and what LightGBM
    /// takes for 0 stays on one side.
    /// </summary>
    public static float Floor(double threshold)
    {
        if (Math.Abs(threshold) <= ZeroBound)
        {
            return threshold < 0 ? MathF.BitDecrement(-ZeroBound) : ZeroBound;
        }
        var nearest = (float)threshold;
        return nearest > threshold ? MathF.BitDecrement(nearest) : nearest;
    }

    private static List<SplitInterval> ZeroMissing(float threshold, bool defaultLeft)
    {
        var belowZero = MathF.BitDecrement(-ZeroBound);
        List<SplitInterval> intervals = [];
        Append(intervals, Math.Min(threshold, belowZero), true);
        Append(intervals, belowZero, false);
        Append(intervals, ZeroBound, defaultLeft);
        Append(intervals, threshold, true);
        Append(intervals, float.PositiveInfinity, false);
        return intervals;
    }

    /// <summary>LightGBM cuts a value to a whole number before it looks it up; what is negative or unknown goes right.</summary>
    private static List<SplitInterval> Categorical(IReadOnlyList<int> categories)
    {
        List<SplitInterval> intervals = [];
        foreach (var category in categories)
        {
            Append(intervals, category == 0 ? -1 : MathF.BitDecrement(category), false);
            Append(intervals, MathF.BitDecrement(category + 1f), true);
        }
        Append(intervals, float.PositiveInfinity, false);
        return intervals;
    }

    private static void Append(List<SplitInterval> intervals, float upper, bool left)
    {
        if (intervals.Count > 0 && upper <= intervals[^1].Upper)
        {
            return;
        }
        if (intervals.Count > 0 && intervals[^1].Left == left)
        {
            intervals.RemoveAt(intervals.Count - 1);
        }
        intervals.Add(new SplitInterval(upper, left));
    }
}
