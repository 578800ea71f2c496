using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Runs a bundle's graph over many rows at a time, on the CPU.</summary>
/// <remarks>
/// Robustness runs score the sample once per change; batches of 1,024 rows make that affordable. Serving scores rows one by one, so
/// the parity gate compares this path with single runs of the same rows.
/// </remarks>
internal sealed class BatchedGraph(ModelBundle bundle) : IDisposable
{
    private const int BatchRows = 1024;

    private readonly InferenceSession _session = CpuDevice.Open(bundle.Graph);
    private readonly RunOptions _options = new();

    /// <summary>Returns the fraud probability of each row.</summary>
    /// <param name="count">Number of rows.</param>
    /// <param name="rowAt">
    /// Returns the row at an index, with a value for every feature of the catalogue. It may reuse one array: a row is copied before the
    /// next call.
    /// </param>
    public double[] Run(int count, Func<int, float[]> rowAt)
    {
        var probabilities = new double[count];
        var indexes = bundle.FeatureIndexes;
        for (var start = 0; start < count; start += BatchRows)
        {
            var rows = Math.Min(BatchRows, count - start);
            var values = new float[rows * indexes.Length];
            for (var i = 0; i < rows; i++)
            {
                var row = rowAt(start + i);
                for (var f = 0; f < indexes.Length; f++)
                {
                    values[(i * indexes.Length) + f] = row[indexes[f]];
                }
            }
            using var input = OrtValue.CreateTensorValueFromMemory(values, [rows, indexes.Length]);
            using var outputs = _session.Run(_options, [EnsembleGraph.Features], [input], [EnsembleGraph.Probability]);
            var scored = outputs[0].GetTensorDataAsSpan<float>();
            for (var i = 0; i < rows; i++)
            {
                probabilities[start + i] = scored[i];
            }
        }
        return probabilities;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _options.Dispose();
        _session.Dispose();
    }
}
