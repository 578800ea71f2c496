namespace FraudScoring.Training.Learners;

/// <summary>The float values above the previous interval, up to and including <paramref name="Upper"/>, and their direction.</summary>
internal readonly record struct SplitInterval(float Upper, bool Left);

/// <summary>
/// The direction in which a LightGBM split sends every float32, as intervals of the number line in ascending order, the last one up to
/// infinity. Neighbouring intervals differ in direction.
/// </summary>
/// <remarks>
/// LightGBM has three kinds of split (numeric, numeric with zero as missing, categorical) and compares in double; the exported graph has
/// one, and compares float32. Intervals describe all three exactly, so the exporter needs one rule. Thresholds are moved down to the next
/// float instead of to the nearest one: the nearest may lie above the threshold, and a feature equal to it would then go the other way.
/// The cost: a categorical split becomes several comparisons.
/// </remarks>
/// <param name="All">The intervals, at least one.</param>
/// <param name="Missing">Index of the interval whose direction NaN takes.</param>
internal sealed record SplitIntervals(IReadOnlyList<SplitInterval> All, int Missing)
{
    // LightGBM's kZeroThreshold: it treats values up to this distance from 0 as 0.
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
    /// The largest float that is not above a threshold: for every float x, x ≤ Floor(t) exactly when x ≤ t. If LightGBM treats the
    /// threshold as 0, all values that it treats as 0 go the same way.
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

    /// <summary>LightGBM truncates a value to an integer before it looks it up. Negative and unknown categories go right.</summary>
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
