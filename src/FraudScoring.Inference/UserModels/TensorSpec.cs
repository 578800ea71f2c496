using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.UserModels;

/// <summary>An axis of a tensor.</summary>
/// <param name="Size">How long it is; -1 for any length.</param>
/// <param name="Symbol">Name of a free axis: axes of one name are of one length. Empty for none.</param>
public readonly record struct TensorAxis(long Size, string Symbol = "")
{
    /// <summary>It may be of any length.</summary>
    public bool IsFree => Size < 0;

    /// <inheritdoc />
    public override string ToString() => !IsFree ? Size.ToString(CultureInfo.InvariantCulture) : Symbol.Length > 0 ? Symbol : "any";
}

/// <summary>An input or an output of a model: what is expected, or what comes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Axes">Its axes; null where the model leaves open how many there are.</param>
/// <param name="Classes">What its columns stand for, as JSON, where the model says it.</param>
public sealed record TensorSpec(string Name, TensorType Type, IReadOnlyList<TensorAxis>? Axes, string? Classes = null)
{
    /// <summary>What its numbers may be, where that is known: others are no answer.</summary>
    public ValueRange? Range { get; init; }

    /// <summary>Its shape as the protocol gives it: -1 for a free axis.</summary>
    public IEnumerable<long> Shape => Axes?.Select(axis => axis.Size) ?? [-1];

    /// <summary>Makes one of floats.</summary>
    public static TensorSpec Floats(string name, params TensorAxis[] axes) => new(name, TensorType.Fp32, axes);

    /// <summary>Makes one of what a session says; null for what is no tensor of a type that is served.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="node">The session's word.</param>
    /// <param name="hasShape">The graph says how many axes it has; the session's word does not tell none from unknown.</param>
    public static TensorSpec? Create(string name, NodeMetadata node, bool hasShape) =>
        node.OnnxValueType != OnnxValueType.ONNX_TYPE_TENSOR || TensorType.Find(node.ElementDataType) is not { } type ? null
            : new TensorSpec(name, type, hasShape
                ? [.. node.Dimensions.Select((size, i) => new TensorAxis(size < 0 ? -1 : size, node.SymbolicDimensions[i]))] : null);

    /// <inheritdoc />
    public override string ToString() => $"{Name} {Type} {(Axes is null ? "of any shape" : $"[{string.Join(", ", Axes)}]")}";
}
