using Microsoft.ML.OnnxRuntime.Tensors;

namespace FraudScoring.Inference.UserModels;

/// <summary>A type of tensor elements, as the Open Inference Protocol names it and as the runtime does.</summary>
/// <param name="Name">The protocol's name.</param>
/// <param name="Element">The runtime's.</param>
/// <param name="Bytes">Bytes of an element; 0 for strings.</param>
public sealed record TensorType(string Name, TensorElementType Element, int Bytes)
{
    /// <summary>Single precision, of which most models are.</summary>
    public static readonly TensorType Fp32 = new("FP32", TensorElementType.Float, 4);

    /// <summary>Double precision.</summary>
    public static readonly TensorType Fp64 = new("FP64", TensorElementType.Double, 8);

    /// <summary>Whole numbers of 64 bits.</summary>
    public static readonly TensorType Whole64 = new("INT64", TensorElementType.Int64, 8);

    /// <summary>Whole numbers of 32 bits.</summary>
    public static readonly TensorType Whole32 = new("INT32", TensorElementType.Int32, 4);

    /// <summary>Strings.</summary>
    public static readonly TensorType Text = new("BYTES", TensorElementType.String, 0);

    /// <summary>All that are served.</summary>
    public static IReadOnlyList<TensorType> All { get; } =
    [
        new("BOOL", TensorElementType.Bool, 1), new("INT8", TensorElementType.Int8, 1), new("INT16", TensorElementType.Int16, 2), Whole32, Whole64,
        new("UINT8", TensorElementType.UInt8, 1), new("UINT16", TensorElementType.UInt16, 2), new("UINT32", TensorElementType.UInt32, 4),
        new("UINT64", TensorElementType.UInt64, 8), new("FP16", TensorElementType.Float16, 2), new("BF16", TensorElementType.BFloat16, 2),
        Fp32, Fp64, Text,
    ];

    /// <summary>Elements are strings.</summary>
    public bool IsText => Bytes == 0;

    /// <summary>Elements are real numbers.</summary>
    public bool IsReal => Element is TensorElementType.Float or TensorElementType.Double or TensorElementType.Float16 or TensorElementType.BFloat16;

    /// <summary>Elements that have a field of their own in a message; the others can only be given raw.</summary>
    public bool HasContents => Element is not (TensorElementType.Float16 or TensorElementType.BFloat16);

    /// <summary>The type of a name of the protocol; null for none of them.</summary>
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

    /// <summary>The type of an element type of the runtime; null for one that the protocol does not have.</summary>
    public static TensorType? Find(TensorElementType element) => All.FirstOrDefault(type => type.Element == element);

    /// <inheritdoc />
    public override string ToString() => Name;
}
