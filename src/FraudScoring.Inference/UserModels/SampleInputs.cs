using FraudScoring.Inference.Attribution;
using FraudScoring.Onnx;

namespace FraudScoring.Inference.UserModels;

/// <summary>
/// Generates inputs for a graph with trees. Values are on a threshold of the trees or one floating-point step off, missing, infinite, or
/// anything nearby: exactly where two graphs of the same trees could differ.
/// </summary>
internal sealed class SampleInputs
{
    private static readonly float[] NoThreshold = [0];
    private readonly IReadOnlyList<TensorSpec> _inputs;
    private readonly Dictionary<int, float[]> _thresholds;
    private readonly int _width;

    private SampleInputs(IReadOnlyList<TensorSpec> inputs, Dictionary<int, float[]> thresholds) =>
        (_inputs, _thresholds, _width) = (inputs, thresholds, thresholds.Keys.DefaultIfEmpty(0).Max() + 1);

    /// <summary>True if any number of rows can be generated; false if the inputs fix it.</summary>
    public bool HasFreeRows => _inputs.All(input => input.Axes!.Count > 0 && input.Axes[0].IsFree);

    /// <summary>Reads the thresholds of a graph. Null unless all inputs are tensors of numbers with a known number of axes.</summary>
    public static SampleInputs? Create(GraphProto graph, IReadOnlyList<TensorSpec> inputs)
    {
        if (inputs.Any(input => input.Axes is null || Element(input.Type, 0) is null))
        {
            return null;
        }
        var splits = graph.Node.Where(IsTrees).Select(node => new NodeAttributes(node, [])).SelectMany(attributes =>
            attributes.Integers("nodes_featureids").Zip(attributes.Floats("nodes_values"), attributes.Strings("nodes_modes")));
        return new SampleInputs(inputs, splits.Where(split => split.Third != "LEAF" && split.First is >= 0 and <= short.MaxValue)
            .GroupBy(split => (int)split.First, split => split.Second)
            .ToDictionary(group => group.Key, group => group.Distinct().ToArray()));
    }

    /// <summary>True for a tree ensemble, of any operator version.</summary>
    public static bool IsTrees(NodeProto node) => node.OpType.StartsWith("TreeEnsemble", StringComparison.Ordinal);

    /// <summary>Generates inputs, the same ones for the same seed.</summary>
    public Tensor[] Rows(int rows, int seed)
    {
        var random = new Random(seed);
        long[] Shape(TensorSpec input) => [.. input.Axes!.Select((axis, i) => !axis.IsFree ? axis.Size : i == 0 ? rows : _width)];
        return [.. _inputs.Select(input => Fill(input, Shape(input), random))];
    }

    private Tensor Fill(TensorSpec input, long[] shape, Random random)
    {
        var columns = shape.Length == 0 ? 1 : Math.Max(1, shape[^1]);
        var bytes = new List<byte>();
        for (var i = 0L; i < Tensor.CountOf(shape); i++)
        {
            var near = _thresholds.GetValueOrDefault((int)(i % columns), NoThreshold);
            bytes.AddRange(Element(input.Type, Value(near[random.Next(near.Length)], random))!);
        }
        return new Tensor(input.Name, input.Type, shape, bytes.ToArray());
    }

    private static float Value(float threshold, Random random) => random.Next(9) switch
    {
        0 => float.NaN,
        1 => random.Next(2) == 0 ? float.PositiveInfinity : float.NegativeInfinity,
        2 => random.Next(2) == 0 ? -0f : float.Epsilon,
        3 => threshold,
        4 => MathF.BitIncrement(threshold),
        5 => MathF.BitDecrement(threshold),
        _ => threshold + (((4 * random.NextSingle()) - 2) * MathF.Max(1, MathF.Abs(threshold))),
    };

    /// <summary>The bytes of a number in an input; null if its type is not supported.</summary>
    private static byte[]? Element(TensorType type, float value)
    {
        var whole = float.IsNaN(value) ? 0 : (int)Math.Clamp(Math.Round((double)value), -1e9, 1e9);
        return type.Name switch
        {
            "FP32" => BitConverter.GetBytes(value),
            "FP64" => BitConverter.GetBytes((double)value),
            "INT64" => BitConverter.GetBytes((long)whole),
            "INT32" => BitConverter.GetBytes(whole),
            _ => null,
        };
    }
}
