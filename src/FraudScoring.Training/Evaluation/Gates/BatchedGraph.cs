using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>A bundle's graph, run over many rows at a time.</summary>
internal sealed class BatchedGraph(ModelBundle bundle) : IDisposable
{
    private const int BatchRows = 1024;

    private readonly InferenceSession _session = CpuDevice.Open(bundle.Graph);
    private readonly RunOptions _options = new();

    /// <summary>Probabilities of rows of the catalogue.</summary>
    /// <param name="count">How many rows.</param>
    /// <param name="rowAt">Gives a row; what it gives is only read before the next is asked for.</param>
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
