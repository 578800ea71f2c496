using FraudScoring.Onnx;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Export;
using FraudScoring.Training.Learners;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Tests.Training.Export;

/// <summary>Runs graphs with ONNX Runtime on the CPU.</summary>
internal static class OnnxRun
{
    /// <summary>All outputs as one array.</summary>
    public static Dictionary<string, float[]> Run(ModelProto model, TrainingMatrix rows)
    {
        using var session = new InferenceSession(model.ToByteArray());
        return Run(session, Flat(rows), rows.Rows, rows.Features);
    }

    public static Dictionary<string, float[]> Run(InferenceSession session, float[] values, int rows, int columns)
    {
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(values, [rows, columns]);
        using var outputs = session.Run(options, session.InputNames, [input], session.OutputNames);
        return session.OutputNames.Zip(outputs, (name, value) => (name, value.GetTensorDataAsSpan<float>().ToArray())).ToDictionary();
    }

    /// <summary>A graph of trees only, with the output "margin".</summary>
    public static ModelProto TreesAlone(LightGbmModel model)
    {
        var graph = new GraphProto { Name = "trees" };
        graph.Input.Add(OnnxNodes.Rows("features", model.FeatureNames.Count));
        graph.Output.Add(OnnxNodes.Rows("margin", 1));
        graph.Node.Add(TreeEnsembleNodes.Create(model).ToNode("trees", "features", "margin"));
        return OnnxNodes.Model(graph);
    }

    public static float[] Flat(TrainingMatrix rows)
    {
        var flat = new float[rows.Rows * rows.Features];
        for (var i = 0; i < rows.Rows; i++)
        {
            rows.Row(i).CopyTo(flat.AsSpan(i * rows.Features));
        }
        return flat;
    }

    public static double LargestGap(IEnumerable<float> got, IEnumerable<double> wanted) => got.Zip(wanted, (g, w) => Math.Abs(g - w)).Max();
}
