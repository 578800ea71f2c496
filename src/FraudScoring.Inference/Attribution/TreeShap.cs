using System.Runtime.Intrinsics;

namespace FraudScoring.Inference.Attribution;

/// <summary>
/// Exact path-dependent Shapley contributions of a tree ensemble's margin: how much each feature of a row moved it from the
/// expectation over the training rows (their cover). Thread-safe; allocates nothing after a thread's first rows.
/// </summary>
/// <remarks>
/// The values are those of TreeSHAP (Lundberg et al., "Consistent individualized feature attribution for tree ensembles", 2018). A leaf
/// of value v whose path holds the features j, each with o_j = 1 if the row follows all its splits there else 0, and z_j = product of
/// their cover shares, gives feature i
/// <code>v (o_i - z_i) ∫₀¹ Π_{j≠i} (z_j + (o_j - z_j) t) dt,</code>
/// a polynomial in t, which Gauss-Legendre quadrature integrates exactly with half as many points as the path has features. As in Linear
/// TreeSHAP (Yu et al., 2022) the product is carried down the tree and the sum over leaves up, so one row costs splits × points.
/// <para>
/// A split is settled where it stands. Let its children have the cover shares l and r, let Z be the product of the shares of the
/// earlier splits on the same feature, all followed by the row (1 if there are none), and G = Z + (1 - Z) t the feature's factor so
/// far. The factors of the two children add up to G, so the left one gets the part γ of the product P and the right one the rest, with
/// γ = l + s t / G and s = r if the row goes left, -l if right; the sums over the leaves below combine likewise, S = γ S_l + (1 - γ) S_r;
/// and the feature's contribution telescopes over its splits to ∫ P s Z / G² (S_l - S_r) dt each. Where the row has left the feature's
/// path before, s = 0: the split only averages. So all that depends on the row is one number s per split; and as there is no
/// division by a small number and no difference of large ones, single precision is enough.
/// </para>
/// </remarks>
public sealed class TreeShap
{
    /// <summary>Splits walked together: enough to hide latency, few enough to stay in the cache.</summary>
    private const int SplitsPerBlock = 1024;

    [ThreadStatic]
    private static float[]? t_room;

    private readonly TreeBlock[] _blocks;
    private readonly SplitInputs _inputs;
    private readonly int _slots;
    private readonly int _splits;

    /// <summary>Prepares trees for rows of the given number of features.</summary>
    /// <exception cref="ArgumentException">The trees have no cover, or read features that the rows lack.</exception>
    public TreeShap(DecisionTrees trees, int features)
    {
        ArgumentNullException.ThrowIfNull(trees);
        if (trees.FeatureCount > features)
        {
            throw new ArgumentException($"trees: read feature {trees.FeatureCount - 1}, rows have {features} features.", nameof(features));
        }
        var cover = trees.Cover ?? throw new ArgumentException(
            "trees: no cover; write the training rows per node to nodes_hitrates, or give them by WithCover.", nameof(trees));
        _inputs = new SplitInputs(features);
        _blocks = [.. BuildBlocks(trees, cover, _inputs)];
        _slots = _blocks.Select(block => block.Slots).DefaultIfEmpty().Max();
        _splits = _blocks.Select(block => block.Inputs.Length).DefaultIfEmpty().Max();
        BaseValue = trees.Expectation();
    }

    /// <summary>Columns of a row.</summary>
    public int Features => _inputs.Features;

    /// <summary>Expected margin over the cover: margin = base value + sum of the contributions.</summary>
    public double BaseValue { get; }

    /// <summary>Adds <paramref name="scale"/> times each feature's contribution to <paramref name="contributions"/>.</summary>
    /// <param name="row">[features], NaN where missing.</param>
    /// <param name="scale">Weight of this ensemble in a larger one; 1 alone.</param>
    /// <param name="contributions">[features], log-odds.</param>
    /// <exception cref="ArgumentException">A span is shorter than <see cref="Features"/>.</exception>
    public void AddContributions(ReadOnlySpan<float> row, double scale, Span<double> contributions)
    {
        if (row.Length < Features || contributions.Length < Features)
        {
            throw new ArgumentException(
                $"row and contributions need {Features} entries; they have {row.Length} and {contributions.Length}.");
        }
        const int lanes = QuadraturePass.Width;
        var (sums, inputs, steps) = (2 * lanes * (Features + 1), _inputs.Count, _splits + Vector256<float>.Count);
        var rest = Room((lanes * _slots) + sums + inputs + steps);
        var room = new TreeShapRoom
        {
            Slots = Take(ref rest, lanes * _slots),
            Steps = Take(ref rest, steps),
            Inputs = Take(ref rest, inputs),
            Contributions = Take(ref rest, sums),
        };
        Walk(row, room);
        for (var i = 0; i < Features; i++)
        {
            contributions[i] += scale * Vector256.Sum(Vector256.LoadUnsafe(ref room.Contributions[2 * lanes * i]));
        }
    }

    // Not from the shared pool: after a collection under memory pressure that lets go of what it holds, and the next payment would pay for it.
    private static Span<float> Room(int length)
    {
        if (t_room is null || t_room.Length < length)
        {
            t_room = GC.AllocateUninitializedArray<float>(length);
        }
        return t_room;
    }

    private void Walk(ReadOnlySpan<float> row, in TreeShapRoom room)
    {
        room.Contributions.Clear();
        _inputs.Fill(row, room.Inputs);
        foreach (var block in _blocks)
        {
            TreeShapKernel.Compare(block, room);
            foreach (var pass in block.Passes)
            {
                TreeShapKernel.Explain(block, pass, room);
            }
        }
    }

    private static Span<float> Take(ref Span<float> rest, int length)
    {
        var taken = rest[..length];
        rest = rest[length..];
        return taken;
    }

    /// <summary>Trees that need the same number of passes, a few at a time.</summary>
    private static IEnumerable<TreeBlock> BuildBlocks(DecisionTrees trees, double[] cover, SplitInputs inputs)
    {
        var onPath = new int[inputs.Features];
        foreach (var alike in trees.Roots.Where(root => !trees.IsLeaf(root))
            .GroupBy(root => QuadraturePass.CountFor(DistinctFeatures(trees, root, onPath))).OrderBy(group => group.Key))
        {
            var (roots, splits) = (new List<int>(), 0);
            foreach (var root in alike)
            {
                roots.Add(root);
                splits += Splits(trees, root);
                if (splits >= SplitsPerBlock)
                {
                    yield return TreeBlockBuilder.Build(trees, cover, inputs, roots, alike.Key);
                    (roots, splits) = ([], 0);
                }
            }
            if (roots.Count > 0)
            {
                yield return TreeBlockBuilder.Build(trees, cover, inputs, roots, alike.Key);
            }
        }
    }

    private static int Splits(DecisionTrees trees, int node) =>
        trees.IsLeaf(node) ? 0 : 1 + Splits(trees, trees.TrueChild[node]) + Splits(trees, trees.FalseChild[node]);

    /// <summary>The largest number of distinct features on a path from a node to a leaf.</summary>
    private static int DistinctFeatures(DecisionTrees trees, int node, int[] onPath)
    {
        if (trees.IsLeaf(node))
        {
            return 0;
        }
        var fresh = onPath[trees.Feature[node]]++ == 0 ? 1 : 0;
        var below = Math.Max(
            DistinctFeatures(trees, trees.TrueChild[node], onPath), DistinctFeatures(trees, trees.FalseChild[node], onPath));
        onPath[trees.Feature[node]]--;
        return fresh + below;
    }
}
