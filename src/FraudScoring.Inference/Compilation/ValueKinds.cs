using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Inference.Compilation;

/// <summary>Sets of element types, as ONNX Runtime's list of kernels groups them.</summary>
[Flags]
internal enum ValueKinds
{
    None = 0,
    Float = 1 << DataType.Float,
    UInt8 = 1 << DataType.Uint8,
    Int8 = 1 << DataType.Int8,
    UInt16 = 1 << DataType.Uint16,
    Int16 = 1 << DataType.Int16,
    Int32 = 1 << DataType.Int32,
    Int64 = 1 << DataType.Int64,
    Bool = 1 << DataType.Bool,
    Float16 = 1 << DataType.Float16,
    Double = 1 << DataType.Double,
    UInt32 = 1 << DataType.Uint32,
    UInt64 = 1 << DataType.Uint64,
    BFloat16 = 1 << DataType.Bfloat16,

    /// <summary>Real numbers, without bfloat16.</summary>
    Real = Float | Double | Float16,
    /// <summary>Real numbers.</summary>
    Reals = Real | BFloat16,
    Index = Int32 | Int64,
    /// <summary>Types that can be compared.</summary>
    Compared = Real | Int32 | Int64 | UInt32 | UInt64,
    /// <summary>Numbers of at least 32 bits, and the 16-bit reals.</summary>
    Wide = Compared | BFloat16,
    Numbers = Wide | Int8 | Int16 | UInt8 | UInt16,
    /// <summary>All numbers and booleans.</summary>
    All = Numbers | Bool,
    /// <summary>Types that can be cast to each other.</summary>
    Castable = All,
}

internal static class ValueKindsExtensions
{
    public static bool Holds(this ValueKinds kinds, DataType type) =>
        type != DataType.Undefined && (int)type < 31 && ((int)kinds >> (int)type & 1) != 0;
}
