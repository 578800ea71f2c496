using Microsoft.ML.OnnxRuntime.Tensors;

namespace FraudScoring.Inference.UserModels;

/// <summary>An element type, as named by the Open Inference Protocol and by the runtime.</summary>
/// <param name="Name">Name in the protocol.</param>
/// <param name="Element">Type in the runtime.</param>
/// <param name="Bytes">Bytes per element; 0 for strings.</param>
public sealed record TensorType(string Name, TensorElementType Element, int Bytes)
{
    /// <summary>Single precision, the type of most models.</summary>
    public static readonly TensorType Fp32 = new("FP32", TensorElementType.Float, 4);

    /// <summary>Double precision.</summary>
    public static readonly TensorType Fp64 = new("FP64", TensorElementType.Double, 8);

    /// <summary>Whole numbers of 64 bits.</summary>
    public static readonly TensorType Whole64 = new("INT64", TensorElementType.Int64, 8);

    /// <summary>Whole numbers of 32 bits.</summary>
    public static readonly TensorType Whole32 = new("INT32", TensorElementType.Int32, 4);

    /// <summary>Strings.</summary>
    public static readonly TensorType Text = new("BYTES", TensorElementType.String, 0);

    /// <summary>All supported types.</summary>
    public static IReadOnlyList<TensorType> All { get; } =
    [
        new("BOOL", TensorElementType.Bool, 1), new("INT8", TensorElementType.Int8, 1), new("INT16", TensorElementType.Int16, 2),
        Whole32, Whole64,
        new("UINT8", TensorElementType.UInt8, 1), new("UINT16", TensorElementType.UInt16, 2), new("UINT32", TensorElementType.UInt32, 4),
        new("UINT64", TensorElementType.UInt64, 8), new("FP16", TensorElementType.Float16, 2), new("BF16", TensorElementType.BFloat16, 2),
        Fp32, Fp64, Text,
    ];

    /// <summary>True for strings.</summary>
    public bool IsText => Bytes == 0;

    /// <summary>True for real numbers.</summary>
    public bool IsReal =>
        Element is TensorElementType.Float or TensorElementType.Double or TensorElementType.Float16 or TensorElementType.BFloat16;

    /// <summary>True if the protocol's messages have a field for the elements. Others can only be sent as raw bytes.</summary>
    public bool HasContents => Element is not (TensorElementType.Float16 or TensorElementType.BFloat16);

    /// <summary>Finds a type by its name in the protocol; null if there is none.</summary>
    public static TensorType? Find(string name)
    {
        foreach (var type in All)
        {
            if (type.Name == name)
            {
                return type;
            }
        }
        return null;
    }

    /// <summary>Finds a type by its type in the runtime; null if the protocol does not support it.</summary>
    public static TensorType? Find(TensorElementType element) => All.FirstOrDefault(type => type.Element == element);

    /// <inheritdoc />
    public override string ToString() => Name;
}
