using FraudScoring.Onnx;
using FraudScoring.Training.Export;
using FraudScoring.Training.Learners;
using Google.Protobuf;

namespace FraudScoring.Training.Runs;

/// <summary>An ensemble as ONNX graphs.</summary>
/// <param name="Model">The graph.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="CudaBytes">Those of its twin for a GPU.</param>
internal sealed record ExportedGraphs(ModelProto Model, byte[] Bytes, byte[] CudaBytes)
{
    /// <summary>Exports an ensemble; the same ensemble gives the same bytes.</summary>
    /// <exception cref="InvalidDataException">The graph has no twin; the message says why.</exception>
    public static ExportedGraphs Create(TrainedEnsemble ensemble)
    {
        var model = EnsembleModelWriter.Write(ensemble);
        var bytes = model.ToByteArray();
        return new ExportedGraphs(model, bytes, CudaGraph.Compile(bytes));
    }
}
