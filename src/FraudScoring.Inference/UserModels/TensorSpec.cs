using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.UserModels;

/// <summary>An axis of a tensor.</summary>
/// <param name="Size">Its length; -1 for any length.</param>
/// <param name="Symbol">Name of a free axis, or empty. All axes with the same name must have the same length.</param>
public readonly record struct TensorAxis(long Size, string Symbol = "")
{
    /// <summary>True if it may have any length.</summary>
    public bool IsFree => Size < 0;

    /// <inheritdoc />
    public override string ToString() => !IsFree ? Size.ToString(CultureInfo.InvariantCulture) : Symbol.Length > 0 ? Symbol : "any";
}

/// <summary>An input or output of a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Axes">Its axes; null if the model does not declare their number.</param>
/// <param name="Classes">The classes of its columns, as JSON, if the model declares them.</param>
public sealed record TensorSpec(string Name, TensorType Type, IReadOnlyList<TensorAxis>? Axes, string? Classes = null)
{
    /// <summary>Valid range of its numbers, if known. Numbers outside make an answer invalid.</summary>
    public ValueRange? Range { get; init; }

    /// <summary>Its shape in the protocol: -1 for a free axis.</summary>
    public IEnumerable<long> Shape => Axes?.Select(axis => axis.Size) ?? [-1];

    /// <summary>Creates a tensor of floats.</summary>
    public static TensorSpec Floats(string name, params TensorAxis[] axes) => new(name, TensorType.Fp32, axes);

    /// <summary>Creates an input or output from a session's metadata; null if it is not a tensor of a supported type.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="node">The metadata.</param>
    /// <param name="hasShape">True if the graph declares the number of axes. The metadata does not distinguish none from unknown.</param>
    public static TensorSpec? Create(string name, NodeMetadata node, bool hasShape) =>
        node.OnnxValueType != OnnxValueType.ONNX_TYPE_TENSOR || TensorType.Find(node.ElementDataType) is not { } type ? null
            : new TensorSpec(name, type, hasShape
                ? [.. node.Dimensions.Select((size, i) => new TensorAxis(size < 0 ? -1 : size, node.SymbolicDimensions[i]))] : null);

    /// <inheritdoc />
    public override string ToString() => $"{Name} {Type} {(Axes is null ? "of any shape" : $"[{string.Join(", ", Axes)}]")}";
}
