namespace FraudScoring.Inference.Attribution;

/// <summary>
/// A few trees that <see cref="TreeShapKernel"/> walks together, two splits at a time. Everything that does not depend on the row is
/// worked out beforehand. Splits are numbered: the inner ones (with at least one child that splits again) first, parents before children,
/// then those into two leaves.
/// </summary>
internal sealed class TreeBlock
{
    /// <summary>Per split: entry of the row's <see cref="SplitInputs"/> that it compares. Padded to vectors, as the next three.</summary>
    public required int[] Inputs { get; init; }
    /// <summary>Per split: the row goes left where the entry is at most this.</summary>
    public required float[] Thresholds { get; init; }
    /// <summary>
    /// Per split: its step where the row goes left. Of an inner split it is the right child's share of the cover; of a split into
    /// leaves that share times (left value - right value).
    /// </summary>
    public required float[] LeftSteps { get; init; }
    /// <summary>Per split: its step where the row goes right, minus the left child's share of the cover, times the same.</summary>
    public required float[] RightSteps { get; init; }
    /// <summary>Splits on a feature that was split on before, parents before children.</summary>
    public required RepeatedSplit[] Repeats { get; init; }
    /// <summary>Inner splits, two by two; the children of pair b have the slots roots + 4b: left, left, right, right.</summary>
    public required SplitPair[] Inner { get; init; }
    /// <summary>Splits into leaves, two by two.</summary>
    public required SplitPair[] Leaves { get; init; }
    /// <summary>Leaves beside a split.</summary>
    public required LooseLeaf[] Loose { get; init; }
    /// <summary>How many trees; their roots have the first slots.</summary>
    public required int Roots { get; init; }
    /// <summary>One for every four quadrature points that the trees need.</summary>
    public required QuadraturePass[] Passes { get; init; }

    /// <summary>All slots; the last belongs to the splits that fill up a pair.</summary>
    public int Slots => Roots + (4 * Inner.Length) + 1;
}

/// <summary>Two splits side by side, of which neither is above the other.</summary>
internal struct SplitPair
{
    /// <summary>Bytes from one slot to the next: four quadrature points in single precision.</summary>
    public const int Stride = QuadraturePass.Width * sizeof(float);
    /// <summary>Bytes from one feature's contribution to the next: four points for the first split of pairs, four for the second.</summary>
    public const int Row = 2 * Stride;

    /// <summary>Offsets of the slots that hold the splits' products and sums.</summary>
    public required PairOffsets Slots;
    /// <summary>The left child's share of the cover; of a split into leaves their mean by cover.</summary>
    public required float FirstMean;
    public required float SecondMean;
    /// <summary>Which of the pass's factors are theirs.</summary>
    public required int Factors;
    /// <summary>Offsets of the contributions that the splits settle.</summary>
    public required PairOffsets Features;
}

/// <summary>Two offsets in bytes, which one load fetches: loads are what the walks are short of.</summary>
internal readonly struct PairOffsets(int first, int second)
{
    private readonly ulong _both = (uint)first | ((ulong)(uint)second << 32);

    public nuint First => (uint)_both;

    public nuint Second => (nuint)(_both >> 32);
}

/// <summary>A split on a feature that a split above it has: it counts only while the row goes the same way there.</summary>
/// <param name="Split">Number of the split.</param>
/// <param name="Above">Number of the nearest split above on the same feature.</param>
/// <param name="Side">-1 if this split is to the left of that one, 1 if to the right: against the sign of the step that leads here.</param>
internal readonly record struct RepeatedSplit(nuint Split, nuint Above, int Side);

/// <summary>A leaf beside a split.</summary>
internal readonly record struct LooseLeaf(int Slot, float Value);
