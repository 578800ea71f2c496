using FraudScoring.Core.Payments;
using FraudScoring.Inference.Compilation;
using FraudScoring.Onnx;
using Google.Protobuf;

namespace FraudScoring.Training.Export;

/// <summary>Compiles the CUDA twin of an exported graph.</summary>
internal static class CudaGraph
{
    /// <summary>Returns the twin as a file. Deterministic: equal graphs have equal bytes.</summary>
    /// <exception cref="InvalidDataException">The graph cannot be compiled for CUDA; the message lists the faults.</exception>
    public static byte[] Compile(byte[] graph)
    {
        var faults = new Faults();
        return CudaTwin.Compile(ModelProto.Parser.ParseFrom(graph), faults)?.ToByteArray()
            ?? throw new InvalidDataException($"the graph cannot be compiled for CUDA: {faults}");
    }
}
