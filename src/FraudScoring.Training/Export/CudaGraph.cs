using FraudScoring.Core.Payments;
using FraudScoring.Inference.Compilation;
using FraudScoring.Onnx;
using Google.Protobuf;

namespace FraudScoring.Training.Export;

/// <summary>The same graph once more, for a GPU.</summary>
internal static class CudaGraph
{
    /// <summary>Makes it; the same graph gives the same bytes.</summary>
    /// <exception cref="InvalidDataException">The graph has no CUDA twin; the message says why.</exception>
    public static byte[] Compile(byte[] graph)
    {
        var faults = new Faults();
        return CudaTwin.Compile(ModelProto.Parser.ParseFrom(graph), faults)?.ToByteArray()
            ?? throw new InvalidDataException($"the graph cannot be compiled for CUDA: {faults}");
    }
}
