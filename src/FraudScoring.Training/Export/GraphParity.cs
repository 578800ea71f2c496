using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Devices;
using FraudScoring.Training.Datasets;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Training.Export;

/// <summary>Checks that an exported graph computes the trainer's probabilities.</summary>
/// <remarks>
/// Runs over all rows through ONNX Runtime, opened as serving opens it. The graph is float32 where the trainer uses double, so results
/// are not equal to the bit; a wrong split or a wrong treatment of missing values shifts a row by far more than the tolerance.
/// </remarks>
internal static class GraphParity
{
    /// <summary>The largest accepted difference in probability.</summary>
    public const double Tolerance = 1e-6;

    private const int BatchRows = 512;

    /// <returns>The largest difference in probability.</returns>
    /// <exception cref="InvalidDataException">The difference exceeds <see cref="Tolerance"/>; the graph must not be used.</exception>
    public static double Check(byte[] graph, TrainingMatrix matrix, double[] probabilities)
    {
        using var session = CpuDevice.Open(graph);
        using var options = new RunOptions();
        double largest = 0;
        for (var start = 0; start < matrix.Rows; start += BatchRows)
        {
            var count = Math.Min(BatchRows, matrix.Rows - start);
            var rows = new float[count * matrix.Features];
            for (var i = 0; i < count; i++)
            {
                matrix.Row(start + i).CopyTo(rows.AsSpan(i * matrix.Features));
            }
            using var input = OrtValue.CreateTensorValueFromMemory(rows, [count, matrix.Features]);
            using var outputs = session.Run(options, [EnsembleGraph.Features], [input], [EnsembleGraph.Probability]);
            var actual = outputs[0].GetTensorDataAsSpan<float>();
            for (var i = 0; i < count; i++)
            {
                largest = Math.Max(largest, Math.Abs(actual[i] - probabilities[start + i]));
            }
        }
        return largest <= Tolerance ? largest : throw new InvalidDataException(
            $"the exported graph differs from the trainer by {largest:0.0e+0} in probability; "
                + $"at most {Tolerance:0.0e+0} is accepted, so no bundle was written");
    }
}
