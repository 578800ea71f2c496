using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FraudScoring.Inference.Attribution;

/// <summary>What one walk over a grove leaves behind for the next.</summary>
internal readonly ref struct TreeShapRoom
{
    /// <summary>Per split: its step, or 0 where the row left the feature's path before. Room for a vector more.</summary>
    public required Span<float> Steps { get; init; }
    /// <summary>Per slot, four lanes: on the way down the product of the factors from the root on times the weights, on the way up the sum over the
    /// leaves below of value times the factors from there on.</summary>
    public required Span<float> Slots { get; init; }
    /// <summary>Per inner pair: the part of the product that goes left.</summary>
    public required Span<Vector256<float>> Left { get; init; }
    /// <summary>Per inner pair: what the difference of the children's sums counts.</summary>
    public required Span<Vector256<float>> Settle { get; init; }
    /// <summary>The row as the splits compare it: <see cref="SplitInputs"/>.</summary>
    public required Span<float> Inputs { get; init; }
    /// <summary>Per feature, four lanes: the contributions so far at each quadrature point. One feature more, for splits that only fill a pair.</summary>
    public required Span<float> Contributions { get; init; }
}

/// <summary>
/// The walks over a grove: two splits by four quadrature points fill a vector. No bounds are checked here: <see cref="GroveBuilder"/> wrote
/// every index, and <see cref="TreeShap"/> made the room.
/// </summary>
internal static class TreeShapKernel
{
    private static readonly Vector256<int> Steps = Vector256.Create(0, 0, 0, 0, 1, 1, 1, 1);
    private static readonly Vector256<int> Means = Vector256.Create(2, 2, 2, 2, 3, 3, 3, 3);
    private static readonly Vector256<int> Shares = Vector256.Create(4, 4, 4, 4, 5, 5, 5, 5);

    /// <summary>Compares the row with every threshold.</summary>
    public static void Compare(Grove grove, in TreeShapRoom room)
    {
        ref var index = ref MemoryMarshal.GetArrayDataReference(grove.Inputs);
        ref var threshold = ref MemoryMarshal.GetArrayDataReference(grove.Thresholds);
        ref var left = ref MemoryMarshal.GetArrayDataReference(grove.LeftSteps);
        ref var right = ref MemoryMarshal.GetArrayDataReference(grove.RightSteps);
        ref var input = ref MemoryMarshal.GetReference(room.Inputs);
        ref var step = ref MemoryMarshal.GetReference(room.Steps);
        for (nuint j = 0; j < (nuint)grove.Inputs.Length; j += 4)
        {
            var value = Vector128.Create(
                Unsafe.Add(ref input, Unsafe.Add(ref index, j)), Unsafe.Add(ref input, Unsafe.Add(ref index, j + 1)),
                Unsafe.Add(ref input, Unsafe.Add(ref index, j + 2)), Unsafe.Add(ref input, Unsafe.Add(ref index, j + 3)));
            var goesLeft = Vector128.LessThanOrEqual(value, Vector128.LoadUnsafe(ref threshold, j));
            Vector128.ConditionalSelect(goesLeft, Vector128.LoadUnsafe(ref left, j), Vector128.LoadUnsafe(ref right, j)).StoreUnsafe(ref step, j);
        }
        foreach (ref readonly var repeat in grove.Repeats.AsSpan())
        {
            var above = Unsafe.Add(ref step, repeat.Above) * repeat.Side;
            ref var own = ref Unsafe.Add(ref step, repeat.Split);
            own = Vector128.ConditionalSelect(
                Vector128.GreaterThan(Vector128.CreateScalarUnsafe(above), Vector128<float>.Zero), Vector128.CreateScalarUnsafe(own), Vector128<float>.Zero).ToScalar();
        }
    }

    /// <summary>Adds the grove's contributions at four quadrature points, four lanes per feature.</summary>
    public static void Explain(Grove grove, in QuadraturePass pass, in TreeShapRoom room)
    {
        for (var root = 0; root < grove.Roots; root++)
        {
            pass.Weights.StoreUnsafe(ref room.Slots[4 * root]);
        }
        Vector128<float>.Zero.StoreUnsafe(ref room.Slots[4 * (grove.Slots - 1)]);
        Descend(grove, pass, room);
        foreach (var leaf in grove.Loose)
        {
            Vector128.Create(leaf.Value).StoreUnsafe(ref room.Slots[4 * leaf.Slot]);
        }
        SettleLeaves(grove, pass, room);
        Ascend(grove, room);
    }

    private static void Descend(Grove grove, in QuadraturePass pass, in TreeShapRoom room)
    {
        var (point, rest) = (pass.Points, Vector256<float>.One - pass.Points);
        ref var pairs = ref MemoryMarshal.GetArrayDataReference(grove.Inner);
        ref var steps = ref MemoryMarshal.GetReference(room.Steps);
        ref var slots = ref MemoryMarshal.GetReference(room.Slots);
        ref var children = ref Unsafe.Add(ref slots, 4 * grove.Roots);
        ref var left = ref MemoryMarshal.GetReference(room.Left);
        ref var settle = ref MemoryMarshal.GetReference(room.Settle);
        for (nuint b = 0; b < (nuint)grove.Inner.Length; b++)
        {
            ref var pair = ref Unsafe.Add(ref pairs, b);
            var fields = Unsafe.As<SplitPair, Vector256<float>>(ref pair);
            var step = Vector256.Shuffle(Vector256.LoadUnsafe(ref steps, 2 * b), Steps);
            var share = Vector256.Shuffle(fields, Shares);
            var reciprocal = Vector256<float>.One / Vector256.FusedMultiplyAdd(share, rest, point);
            var product = Vector256.Create(At(ref slots, pair.FirstSlot), At(ref slots, pair.SecondSlot));
            var part = Vector256.FusedMultiplyAdd(point * reciprocal, step, Vector256.Shuffle(fields, Means));
            var gone = product * part;
            gone.StoreUnsafe(ref children, 16 * b);
            (product - gone).StoreUnsafe(ref children, (16 * b) + 8);
            Unsafe.Add(ref left, b) = part;
            Unsafe.Add(ref settle, b) = product * step * (share * reciprocal * reciprocal);
        }
    }

    private static void SettleLeaves(Grove grove, in QuadraturePass pass, in TreeShapRoom room)
    {
        var (point, rest) = (pass.Points, Vector256<float>.One - pass.Points);
        ref var pairs = ref MemoryMarshal.GetArrayDataReference(grove.Leaves);
        ref var steps = ref Unsafe.Add(ref MemoryMarshal.GetReference(room.Steps), 2 * grove.Inner.Length);
        ref var slots = ref MemoryMarshal.GetReference(room.Slots);
        ref var sums = ref MemoryMarshal.GetReference(room.Contributions);
        for (nuint b = 0; b < (nuint)grove.Leaves.Length; b++)
        {
            ref var pair = ref Unsafe.Add(ref pairs, b);
            var fields = Unsafe.As<SplitPair, Vector256<float>>(ref pair);
            var step = Vector256.Shuffle(Vector256.LoadUnsafe(ref steps, 2 * b), Steps);
            var share = Vector256.Shuffle(fields, Shares);
            var reciprocal = Vector256<float>.One / Vector256.FusedMultiplyAdd(share, rest, point);
            var product = Vector256.Create(At(ref slots, pair.FirstSlot), At(ref slots, pair.SecondSlot));
            var sum = Vector256.FusedMultiplyAdd(point * reciprocal, step, Vector256.Shuffle(fields, Means));
            At(ref slots, pair.FirstSlot) = sum.GetLower();
            At(ref slots, pair.SecondSlot) = sum.GetUpper();
            var settled = product * step * (share * reciprocal * reciprocal);
            At(ref sums, pair.FirstFeature) += settled.GetLower();
            At(ref sums, pair.SecondFeature) += settled.GetUpper();
        }
    }

    private static void Ascend(Grove grove, in TreeShapRoom room)
    {
        ref var pairs = ref MemoryMarshal.GetArrayDataReference(grove.Inner);
        ref var slots = ref MemoryMarshal.GetReference(room.Slots);
        ref var children = ref Unsafe.Add(ref slots, 4 * grove.Roots);
        ref var left = ref MemoryMarshal.GetReference(room.Left);
        ref var settle = ref MemoryMarshal.GetReference(room.Settle);
        ref var sums = ref MemoryMarshal.GetReference(room.Contributions);
        for (var b = (nuint)grove.Inner.Length; b-- > 0;)
        {
            ref var pair = ref Unsafe.Add(ref pairs, b);
            var right = Vector256.LoadUnsafe(ref children, (16 * b) + 8);
            var gap = Vector256.LoadUnsafe(ref children, 16 * b) - right;
            var sum = Vector256.FusedMultiplyAdd(Unsafe.Add(ref left, b), gap, right);
            At(ref slots, pair.FirstSlot) = sum.GetLower();
            At(ref slots, pair.SecondSlot) = sum.GetUpper();
            var settled = Unsafe.Add(ref settle, b) * gap;
            At(ref sums, pair.FirstFeature) += settled.GetLower();
            At(ref sums, pair.SecondFeature) += settled.GetUpper();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Vector128<float> At(ref float start, int offset) =>
        ref Unsafe.As<float, Vector128<float>>(ref Unsafe.AddByteOffset(ref start, (nuint)(uint)offset));
}
