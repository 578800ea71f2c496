using System.Runtime.Intrinsics;

namespace FraudScoring.Inference.Attribution;

/// <summary>
/// Computes exact path-dependent Shapley contributions to a tree ensemble's margin: how far each feature of a row moves it from the
/// expectation over the training rows (the cover). Thread-safe; allocates nothing after a thread's first rows.
/// </summary>
/// <remarks>
/// <para>
/// The values are those of TreeSHAP (Lundberg et al., "Consistent individualized feature attribution for tree ensembles", 2018). Take a
/// leaf of value v. For each feature j on its path let o_j be 1 if the row follows all splits on j, otherwise 0, and z_j the product of
/// their cover shares. The leaf contributes to feature i
/// <code>v (o_i - z_i) ∫₀¹ Π_{j≠i} (z_j + (o_j - z_j) t) dt.</code>
/// The integral stands for the permutation weights: of d features, those k that come before i in a permutation have the weight
/// ∫ t^k (1 - t)^(d-1-k) dt = k! (d-1-k)! / d!. Its integrand is a polynomial in t, which Gauss-Legendre quadrature integrates exactly with
/// half as many points as the path has features.
/// </para>
/// <para>
/// TreeSHAP itself keeps a list of permutation weights per path and divides to take a feature out of it again: time per row is
/// leaves × depth², and a division by a small share loses digits. Here, as in Linear TreeSHAP (Yu et al., 2022), a product is carried down
/// the tree and a sum over the leaves up, so a row takes splits × points.
/// </para>
/// <para>
/// A split's contribution is added where it is. Let the children have the cover shares l and r. Let Z be the product of the shares of the
/// earlier splits on the same feature, all followed by the row (1 if there are none), and G = Z + (1 - Z) t the feature's factor so far.
/// The factors of the two children add up to G. So of the product P the left child gets the part γ and the right child the rest, where γ =
/// l + s t / G with s = r if the row goes left, and s = -l if it goes right. The sums over the leaves below combine likewise, S = γ S_l +
/// (1 - γ) S_r. The contribution of the feature telescopes over its splits to ∫ P s Z / G² (S_l - S_r) dt each. If the row left the
/// feature's path earlier, s = 0, and the split only averages.
/// </para>
/// <para>
/// So all that depends on the row is one number s per split. There is no division by a small number and no difference of large ones, so
/// single precision is enough: contributions are within 2e-6 of an enumeration of all subsets for small ensembles, and their sum within
/// 1e-4 of the margin for the ensembles of the trainers that are tested. Double precision would halve the number of points per vector.
/// </para>
/// </remarks>
public sealed class TreeShap
{
    /// <summary>Splits per block: enough to hide latency, few enough to stay in the cache.</summary>
    private const int SplitsPerBlock = 1024;

    [ThreadStatic]
    private static float[]? t_buffer;

    private readonly TreeBlock[] _blocks;
    private readonly SplitInputs _inputs;
    private readonly int _cells;
    private readonly int _splits;

    /// <summary>Prepares trees for rows of the given number of features.</summary>
    /// <exception cref="ArgumentException">The trees have no cover, or read features that the rows lack.</exception>
    public TreeShap(DecisionTrees trees, int features)
    {
        ArgumentNullException.ThrowIfNull(trees);
        if (trees.FeatureCount > features)
        {
            throw new ArgumentException(
                $"trees: read feature {trees.FeatureCount - 1}, but rows have only {features} features.", nameof(features));
        }
        var cover = trees.Cover ?? throw new ArgumentException(
            "trees: no cover; write the training rows per node to nodes_hitrates, or add them with WithCover.", nameof(trees));
        _inputs = new SplitInputs(features);
        _blocks = [.. BuildBlocks(trees, cover, _inputs)];
        _cells = _blocks.Select(block => block.Cells).DefaultIfEmpty().Max();
        _splits = _blocks.Select(block => block.Inputs.Length).DefaultIfEmpty().Max();
        BaseValue = trees.Expectation();
    }

    /// <summary>Number of columns of a row.</summary>
    public int Features => _inputs.Features;

    /// <summary>Expected margin over the cover: margin = base value + sum of the contributions.</summary>
    public double BaseValue { get; }

    /// <summary>Adds <paramref name="scale"/> times each feature's contribution to <paramref name="contributions"/>.</summary>
    /// <param name="row">[features], with NaN for missing values.</param>
    /// <param name="scale">Weight of this ensemble in a larger one; otherwise 1.</param>
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
        var rest = Buffer((lanes * _cells) + sums + inputs + steps);
        var buffers = new TreeShapBuffers
        {
            Cells = Take(ref rest, lanes * _cells),
            Steps = Take(ref rest, steps),
            Inputs = Take(ref rest, inputs),
            Contributions = Take(ref rest, sums),
        };
        Walk(row, buffers);
        for (var i = 0; i < Features; i++)
        {
            // The quadrature weights are in the products from the root on, so the integral is a plain sum over points and halves.
            contributions[i] += scale * Vector256.Sum(Vector256.LoadUnsafe(ref buffers.Contributions[2 * lanes * i]));
        }
    }

    // Not from the shared pool: it frees its arrays after a collection under memory pressure, and the next payment would have to allocate.
    private static Span<float> Buffer(int length)
    {
        if (t_buffer is null || t_buffer.Length < length)
        {
            t_buffer = GC.AllocateUninitializedArray<float>(length);
        }
        return t_buffer;
    }

    private void Walk(ReadOnlySpan<float> row, in TreeShapBuffers buffers)
    {
        // Only these are added to. The walks write every cell and step before they use it.
        buffers.Contributions.Clear();
        _inputs.Fill(row, buffers.Inputs);
        foreach (var block in _blocks)
        {
            TreeShapKernel.Compare(block, buffers);
            foreach (var pass in block.Passes)
            {
                TreeShapKernel.Explain(block, pass, buffers);
            }
        }
    }

    private static Span<float> Take(ref Span<float> rest, int length)
    {
        var taken = rest[..length];
        rest = rest[length..];
        return taken;
    }

    /// <summary>Groups trees that need the same number of passes into blocks.</summary>
    private static IEnumerable<TreeBlock> BuildBlocks(DecisionTrees trees, double[] cover, SplitInputs inputs)
    {
        // A tree that is one leaf moves no feature, only the base value. Shallow trees must not take as many passes as the deepest one.
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
        var own = onPath[trees.Feature[node]]++ == 0 ? 1 : 0;
        var below = Math.Max(
            DistinctFeatures(trees, trees.TrueChild[node], onPath), DistinctFeatures(trees, trees.FalseChild[node], onPath));
        onPath[trees.Feature[node]]--;
        return own + below;
    }
}
