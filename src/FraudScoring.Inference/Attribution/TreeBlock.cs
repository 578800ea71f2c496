namespace FraudScoring.Inference.Attribution;

/// <summary>
/// Several trees that <see cref="TreeShapKernel"/> walks together, two splits at a time. Everything that does not depend on the row is
/// computed in advance. The splits are numbered: first the inner ones, which have at least one child that is a split, parents before
/// children; then those with two leaves.
/// </summary>
/// <remarks>
/// Each node has a cell of four floats, one per quadrature point, in a buffer of the walk. The cells of an inner pair's children are next
/// to each other, so that a pair's results are stored by two vector stores and not by four scattered ones.
/// </remarks>
internal sealed class TreeBlock
{
    /// <summary>
    /// Per split: the entry of <see cref="SplitInputs"/> that it compares. Padded to whole vectors, as are the next three.
    /// </summary>
    public required int[] Inputs { get; init; }
    /// <summary>Per split: the row goes left if the entry is at most this.</summary>
    public required float[] Thresholds { get; init; }
    /// <summary>
    /// Per split: its step if the row goes left. For an inner split, the right child's share of the cover; for a split with two leaves,
    /// that share times (left value - right value).
    /// </summary>
    public required float[] LeftSteps { get; init; }
    /// <summary>Per split: its step if the row goes right: minus the left child's share of the cover, times the same difference.</summary>
    public required float[] RightSteps { get; init; }
    /// <summary>Splits on a feature on which a split above them splits, too; parents before children.</summary>
    public required RepeatedSplit[] Repeats { get; init; }
    /// <summary>Inner splits in pairs. The children of pair b have the cells from roots + 4b on: left, left, right, right.</summary>
    public required SplitPair[] Inner { get; init; }
    /// <summary>Splits with two leaves, in pairs.</summary>
    public required SplitPair[] Leaves { get; init; }
    /// <summary>Leaves whose sibling is a split.</summary>
    public required LooseLeaf[] Loose { get; init; }
    /// <summary>Number of trees. Their roots have the first cells.</summary>
    public required int Roots { get; init; }
    /// <summary>One pass for every four quadrature points that the trees need.</summary>
    public required QuadraturePass[] Passes { get; init; }

    /// <summary>Number of cells. The last one is for the splits that pad a pair.</summary>
    public int Cells => Roots + (4 * Inner.Length) + 1;
}

/// <summary>Two splits that are computed together. Neither is above the other.</summary>
internal struct SplitPair
{
    /// <summary>Bytes of a cell: four quadrature points in single precision.</summary>
    public const int Stride = QuadraturePass.Width * sizeof(float);
    /// <summary>Bytes of a feature's contribution: four points for the first splits of pairs, four for the second ones.</summary>
    public const int Row = 2 * Stride;

    /// <summary>Offsets of the cells that hold the splits' products and sums.</summary>
    public required PairOffsets Cells;
    /// <summary>The left child's share of the cover; for a split with two leaves, their mean weighted by cover.</summary>
    public required float FirstMean;
    public required float SecondMean;
    /// <summary>Index of the pair in <see cref="QuadraturePass.Factors"/>.</summary>
    public required int Factors;
    /// <summary>Offsets of the contributions to which the splits add.</summary>
    public required PairOffsets Features;
}

/// <summary>Two offsets in bytes, fetched by one load. Loads are the bottleneck of the walks.</summary>
internal readonly struct PairOffsets(int first, int second)
{
    private readonly ulong _both = (uint)first | ((ulong)(uint)second << 32);

    public nuint First => (uint)_both;

    public nuint Second => (nuint)(_both >> 32);
}

/// <summary>A split on the feature of a split above it. It counts only if the row goes its way at that split.</summary>
/// <param name="Split">Number of the split.</param>
/// <param name="Above">Number of the nearest split above on the same feature.</param>
/// <param name="Side">
/// -1 if this split is on the left of that one, 1 if on the right: the opposite sign of the step that leads here.
/// </param>
internal readonly record struct RepeatedSplit(nuint Split, nuint Above, int Side);

/// <summary>A leaf whose sibling is a split.</summary>
internal readonly record struct LooseLeaf(int Cell, float Value);
