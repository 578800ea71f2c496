using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FraudScoring.Inference.Attribution;

/// <summary>Working memory of the walks over a tree block.</summary>
internal readonly ref struct TreeShapBuffers
{
    /// <summary>
    /// Per split: its step, or 0 if the row left the path of the feature earlier. One vector longer than the splits, since loads overrun.
    /// </summary>
    public required Span<float> Steps { get; init; }
    /// <summary>
    /// Per cell, four points. On the way down: the product of the factors from the root to the node, times the quadrature weights. On the
    /// way up: the sum over the leaves below of their value times the factors from the node to the leaf.
    /// </summary>
    public required Span<float> Cells { get; init; }
    /// <summary>The entries of the row that splits compare, see <see cref="SplitInputs"/>.</summary>
    public required Span<float> Inputs { get; init; }
    /// <summary>Per feature, two times four points: the contributions so far. One more feature for the padding of pairs.</summary>
    public required Span<float> Contributions { get; init; }
}

/// <summary>The walks over a tree block. Two splits at four quadrature points each fill a vector of eight floats.</summary>
/// <remarks>
/// Indexes are not checked here, since a check would cost about as much as the work it protects. <see cref="TreeBlockBuilder"/> computes
/// every index, and <see cref="TreeShap"/> the sizes of the buffers.
/// </remarks>
internal static class TreeShapKernel
{
    private static readonly Vector256<int> FirstThenSecond = Vector256.Create(0, 0, 0, 0, 1, 1, 1, 1);

    /// <summary>Compares the row with every threshold, and selects the step of each split.</summary>
    public static void Compare(TreeBlock block, in TreeShapBuffers buffers)
    {
        ref var index = ref MemoryMarshal.GetArrayDataReference(block.Inputs);
        ref var threshold = ref MemoryMarshal.GetArrayDataReference(block.Thresholds);
        ref var left = ref MemoryMarshal.GetArrayDataReference(block.LeftSteps);
        ref var right = ref MemoryMarshal.GetArrayDataReference(block.RightSteps);
        ref var input = ref MemoryMarshal.GetReference(buffers.Inputs);
        ref var step = ref MemoryMarshal.GetReference(buffers.Steps);
        var count = (nuint)block.Inputs.Length;
        for (nuint j = 0; j < count; j += 8)
        {
            ref var indexes = ref Unsafe.Add(ref index, j);
            var values = Vector256.Create(Gather(ref input, ref indexes), Gather(ref input, ref Unsafe.Add(ref indexes, 4)));
            // NaN compares false and goes right; where it must go left, SplitInputs has replaced it by -∞.
            var goesLeft = Vector256.LessThanOrEqual(values, Vector256.LoadUnsafe(ref threshold, j));
            var chosen = Vector256.ConditionalSelect(goesLeft, Vector256.LoadUnsafe(ref left, j), Vector256.LoadUnsafe(ref right, j));
            chosen.StoreUnsafe(ref step, j);
        }
        // The step of a repeated split becomes 0 unless the step above leads to its side. Only the sign of that one counts: times Side it
        // is negative if so, and the shift makes a mask of all ones. If the step above is 0 already, so is the mask.
        ref var bits = ref Unsafe.As<float, int>(ref step);
        foreach (ref readonly var repeat in block.Repeats.AsSpan())
        {
            Unsafe.Add(ref bits, repeat.Split) &= (Unsafe.Add(ref bits, repeat.Above) * repeat.Side) >> 31;
        }
    }

    /// <summary>Adds the block's contributions at the four quadrature points of a pass.</summary>
    public static void Explain(TreeBlock block, QuadraturePass pass, in TreeShapBuffers buffers)
    {
        for (var root = 0; root < block.Roots; root++)
        {
            pass.Weights.StoreUnsafe(ref buffers.Cells[4 * root]);
        }
        // The cell of the padding: the buffer is reused, and a NaN in it would turn a step of 0 into NaN, in the sum of a real feature.
        Vector128<float>.Zero.StoreUnsafe(ref buffers.Cells[4 * (block.Cells - 1)]);
        Descend(block, pass, buffers);
        // Only now, because the way down writes a product into these cells, which nothing needs.
        foreach (var leaf in block.Loose)
        {
            Vector128.Create(leaf.Value).StoreUnsafe(ref buffers.Cells[4 * leaf.Cell]);
        }
        SettleLeaves(block, pass, buffers);
        Ascend(block, pass, buffers);
    }

    private static void Descend(TreeBlock block, QuadraturePass pass, in TreeShapBuffers buffers)
    {
        ref var pairs = ref MemoryMarshal.GetArrayDataReference(block.Inner);
        ref var factors = ref MemoryMarshal.GetArrayDataReference(pass.Factors);
        ref var steps = ref MemoryMarshal.GetReference(buffers.Steps);
        ref var cells = ref MemoryMarshal.GetReference(buffers.Cells);
        ref var children = ref Unsafe.Add(ref cells, QuadraturePass.Width * block.Roots);
        var count = (nuint)block.Inner.Length;
        for (nuint b = 0; b < count; b++)
        {
            ref var pair = ref Unsafe.Add(ref pairs, b);
            var at = pair.Cells;
            ref var factor = ref Unsafe.Add(ref factors, pair.Factors);
            var step = Spread(ref Unsafe.Add(ref steps, 2 * b));
            var mean = Spread(ref pair.FirstMean);
            var product = Vector256.Create(At(ref cells, at.First), At(ref cells, at.Second));
            // γ of TreeShap, l + s t / G: the part of the product that goes to the left child.
            var part = Vector256.MultiplyAddEstimate(factor.Move, step, mean);
            var gone = product * part;
            gone.StoreUnsafe(ref children, 16 * b);
            (product - gone).StoreUnsafe(ref children, (16 * b) + 8);
        }
    }

    private static void SettleLeaves(TreeBlock block, QuadraturePass pass, in TreeShapBuffers buffers)
    {
        ref var pairs = ref MemoryMarshal.GetArrayDataReference(block.Leaves);
        ref var factors = ref MemoryMarshal.GetArrayDataReference(pass.Factors);
        ref var steps = ref Unsafe.Add(ref MemoryMarshal.GetReference(buffers.Steps), 2 * block.Inner.Length);
        ref var cells = ref MemoryMarshal.GetReference(buffers.Cells);
        ref var sums = ref MemoryMarshal.GetReference(buffers.Contributions);
        var count = (nuint)block.Leaves.Length;
        for (nuint b = 0; b < count; b++)
        {
            ref var pair = ref Unsafe.Add(ref pairs, b);
            var at = pair.Cells;
            ref var factor = ref Unsafe.Add(ref factors, pair.Factors);
            ref var first = ref At(ref cells, at.First);
            ref var second = ref At(ref cells, at.Second);
            var step = Spread(ref Unsafe.Add(ref steps, 2 * b));
            var mean = Spread(ref pair.FirstMean);
            // P s Z / G², where the step already includes the difference of the two leaf values.
            var settled = Vector256.Create(first, second) * step * factor.Settle;
            var sum = Vector256.MultiplyAddEstimate(factor.Move, step, mean);
            first = sum.GetLower();
            second = sum.GetUpper();
            Unsafe.As<Vector128<float>, Vector256<float>>(ref At(ref sums, pair.Features.First)) += settled;
        }
    }

    private static void Ascend(TreeBlock block, QuadraturePass pass, in TreeShapBuffers buffers)
    {
        ref var pairs = ref MemoryMarshal.GetArrayDataReference(block.Inner);
        ref var factors = ref MemoryMarshal.GetArrayDataReference(pass.Factors);
        ref var steps = ref MemoryMarshal.GetReference(buffers.Steps);
        ref var cells = ref MemoryMarshal.GetReference(buffers.Cells);
        ref var children = ref Unsafe.Add(ref cells, QuadraturePass.Width * block.Roots);
        ref var sums = ref MemoryMarshal.GetReference(buffers.Contributions);
        // The descent backwards: the sums of both children are complete before their parent reads them.
        for (var b = (nuint)block.Inner.Length; b-- > 0;)
        {
            ref var pair = ref Unsafe.Add(ref pairs, b);
            var at = pair.Cells;
            ref var factor = ref Unsafe.Add(ref factors, pair.Factors);
            ref var first = ref At(ref cells, at.First);
            ref var second = ref At(ref cells, at.Second);
            var step = Spread(ref Unsafe.Add(ref steps, 2 * b));
            var mean = Spread(ref pair.FirstMean);
            var right = Vector256.LoadUnsafe(ref children, (16 * b) + 8);
            var gap = Vector256.LoadUnsafe(ref children, 16 * b) - right;
            var settled = Vector256.Create(first, second) * step * factor.Settle * gap;
            // γ S_l + (1 - γ) S_r with one multiplication less: the right sum plus γ times the gap.
            var sum = Vector256.MultiplyAddEstimate(Vector256.MultiplyAddEstimate(factor.Move, step, mean), gap, right);
            first = sum.GetLower();
            second = sum.GetUpper();
            var features = pair.Features;
            At(ref sums, features.First) += settled.GetLower();
            At(ref sums, features.Second) += settled.GetUpper();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Gather(ref float values, ref int index) => Vector128.Create(
        Unsafe.Add(ref values, index), Unsafe.Add(ref values, Unsafe.Add(ref index, 1)),
        Unsafe.Add(ref values, Unsafe.Add(ref index, 2)), Unsafe.Add(ref values, Unsafe.Add(ref index, 3)));

    /// <summary>Repeats each of a pair's two numbers in four lanes. Reads 16 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Spread(ref float first) => Vector256.IsHardwareAccelerated
        ? Vector256.Shuffle(Vector128.LoadUnsafe(ref first).ToVector256Unsafe(), FirstThenSecond)
        : Vector256.Create(Vector128.Create(first), Vector128.Create(Unsafe.Add(ref first, 1)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Vector128<float> At(ref float start, nuint offset) =>
        ref Unsafe.As<float, Vector128<float>>(ref Unsafe.AddByteOffset(ref start, offset));
}
