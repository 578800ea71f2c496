using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Devices;
using FraudScoring.Training.Datasets;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Training.Export;

/// <summary>Proves that an exported graph gives what the trainer gives.</summary>
internal static class GraphParity
{
    /// <summary>The largest difference in probability that is accepted.</summary>
    public const double Tolerance = 1e-6;

    private const int BatchRows = 512;

    /// <summary>Runs the graph over all rows.</summary>
    /// <returns>The largest difference in probability.</returns>
    /// <exception cref="InvalidDataException">It is over <see cref="Tolerance"/>: the graph must not be used.</exception>
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
