using FraudScoring.Core.Payments;
using FraudScoring.Inference.Attribution;
using FraudScoring.Inference.Compilation;
using FraudScoring.Inference.Devices;
using FraudScoring.Onnx;
using FraudScoring.Tests.Inference.Attribution;
using FraudScoring.Training.Export;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FraudScoring.Tests.Inference.Compilation;

/// <summary>Models and their CUDA twins, run on the CPU.</summary>
internal static class TwinRuns
{
    /// <summary>Compiles the twin, which must exist.</summary>
    public static ModelProto Twin(ModelProto model, TreeForm? form = null)
    {
        var faults = new Faults();
        var twin = CudaTwin.Compile(model, form, faults);
        Assert.That(faults, Is.Empty, () => faults.ToString());
        return twin!;
    }

    /// <summary>A model of one tree ensemble with the input "features" and the given outputs.</summary>
    public static ModelProto Alone(NodeProto ensemble, int features, params (string Name, int Columns)[] outputs)
    {
        var graph = new GraphProto { Name = "trees", Input = { OnnxNodes.Rows("features", features) }, Node = { ensemble } };
        ensemble.Domain = "ai.onnx.ml";
        ensemble.Input.Clear();
        ensemble.Input.Add("features");
        ensemble.Output.Clear();
        foreach (var (name, columns) in outputs)
        {
            ensemble.Output.Add(name);
            var output = OnnxNodes.Rows(name, columns);
            if (columns == 0)
            {
                output.Type.TensorType.ElemType = (int)TensorProto.Types.DataType.Int64;
                output.Type.TensorType.Shape.Dim.RemoveAt(1);
            }
            graph.Output.Add(output);
        }
        return Typed(OnnxNodes.Model(graph));
    }

    /// <summary>A tree ensemble regressor with the output "margin".</summary>
    public static ModelProto Regressor(DecisionTrees trees, int features)
    {
        var node = EnsembleGraphs.TreeNode(trees);
        node.Attribute.Add(TwinGraph.Whole("n_targets", 1));
        return Alone(node, features, ("margin", 1));
    }

    /// <summary>All outputs as one array. Integers are converted to doubles.</summary>
    public static Dictionary<string, double[]> Run(ModelProto model, float[][] rows, int features)
    {
        using var session = CpuDevice.Open(model.ToByteArray());
        return Run(session, [.. rows.SelectMany(row => row)], rows.Length, features);
    }

    public static Dictionary<string, double[]> Run(InferenceSession session, float[] values, int rows, int features)
    {
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(values, [rows, features]);
        var names = session.OutputNames.Where(name => session.OutputMetadata[name].IsTensor).ToList();
        using var outputs = session.Run(options, session.InputNames, [input], names);
        return names.Zip(outputs, (name, value) => (name, Numbers(value))).ToDictionary();
    }

    /// <summary>
    /// Generates rows. Each value that splits compare is on a threshold, one floating-point step off, missing, infinite, or arbitrary.
    /// </summary>
    public static float[][] Rows(DecisionTrees trees, int features, int count, int seed)
    {
        var random = new Random(seed);
        var thresholds = Enumerable.Range(0, features).Select(feature => Enumerable.Range(0, trees.NodeCount)
            .Where(node => !trees.IsLeaf(node) && trees.Feature[node] == feature)
            .Select(node => trees.Threshold[node]).Append(0).ToArray()).ToArray();
        return [.. Enumerable.Range(0, count)
            .Select(_ => thresholds.Select(mine => Value(random, mine[random.Next(mine.Length)])).ToArray())];
    }

    private static float Value(Random random, float threshold) => random.Next(8) switch
    {
        0 => float.NaN,
        1 => float.PositiveInfinity,
        2 => float.NegativeInfinity,
        3 => threshold,
        4 => MathF.BitIncrement(threshold),
        5 => MathF.BitDecrement(threshold),
        6 => random.Next(2) == 0 ? -0f : float.Epsilon,
        _ => threshold + (4 * random.NextSingle()) - 2,
    };

    /// <summary>The runtime requires the type of each attribute.</summary>
    private static ModelProto Typed(ModelProto model)
    {
        foreach (var attribute in model.Graph.Node.SelectMany(node => node.Attribute))
        {
            attribute.Type = attribute switch
            {
                { Ints.Count: > 0 } => AttributeProto.Types.AttributeType.Ints,
                { Floats.Count: > 0 } => AttributeProto.Types.AttributeType.Floats,
                { Strings.Count: > 0 } => AttributeProto.Types.AttributeType.Strings,
                _ => attribute.Type,
            };
        }
        return model;
    }

    private static double[] Numbers(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType == TensorElementType.Int64
        ? Array.ConvertAll(value.GetTensorDataAsSpan<long>().ToArray(), number => (double)number)
        : Array.ConvertAll(value.GetTensorDataAsSpan<float>().ToArray(), number => (double)number);
}
