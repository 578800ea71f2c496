using FraudScoring.Onnx;
using FraudScoring.Training.Export;
using FraudScoring.Training.Learners;
using Google.Protobuf;

namespace FraudScoring.Training.Runs;

/// <summary>An ensemble as ONNX graphs.</summary>
/// <param name="Model">The graph.</param>
/// <param name="Bytes">The graph, serialised.</param>
/// <param name="CudaBytes">The CUDA twin, serialised.</param>
internal sealed record ExportedGraphs(ModelProto Model, byte[] Bytes, byte[] CudaBytes)
{
    /// <summary>Exports an ensemble; the same ensemble gives the same bytes.</summary>
    /// <exception cref="InvalidDataException">No CUDA twin can be derived from the graph; the message says why.</exception>
    public static ExportedGraphs Create(TrainedEnsemble ensemble)
    {
        var model = EnsembleModelWriter.Write(ensemble);
        var bytes = model.ToByteArray();
        return new ExportedGraphs(model, bytes, CudaGraph.Compile(bytes));
    }
}
