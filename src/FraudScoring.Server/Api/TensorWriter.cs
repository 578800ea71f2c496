using System.Buffers.Binary;
using System.Runtime.InteropServices;
using FraudScoring.Inference.UserModels;
using FraudScoring.Oip;
using Google.Protobuf;

namespace FraudScoring.Server.Api;

/// <summary>Writes the tensors of an answer, raw or in the fields of their types.</summary>
internal static class TensorWriter
{
    /// <summary>Adds tensors to an answer; all raw as soon as one of them has a type that only raw contents can carry.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="specs">The model's outputs; a tensor of the same name gets their classes as a parameter.</param>
    /// <param name="raw">True to write raw_output_contents for all types.</param>
    public static void Write(ModelInferResponse response, IReadOnlyList<Tensor> tensors, IReadOnlyList<TensorSpec> specs, bool raw)
    {
        var isRaw = raw || tensors.Any(tensor => !tensor.Type.HasContents);
        foreach (var tensor in tensors)
        {
            var output = new ModelInferResponse.Types.InferOutputTensor { Name = tensor.Name, Datatype = tensor.Type.Name };
            output.Shape.AddRange(tensor.Shape);
            if (specs.FirstOrDefault(spec => spec.Name == tensor.Name)?.Classes is { } classes)
            {
                output.Parameters["classes"] = new InferParameter { StringParam = classes };
            }
            if (isRaw)
            {
                response.RawOutputContents.Add(Raw(tensor));
            }
            else
            {
                output.Contents = Typed(tensor);
            }
            response.Outputs.Add(output);
        }
    }

    private static ByteString Raw(Tensor tensor)
    {
        if (!tensor.Type.IsText)
        {
            return UnsafeByteOperations.UnsafeWrap(tensor.Bytes);
        }
        var bytes = new byte[tensor.Texts!.Sum(text => sizeof(uint) + text.Length)];
        var rest = bytes.AsSpan();
        foreach (var text in tensor.Texts!)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(rest, (uint)text.Length);
            text.Span.CopyTo(rest[sizeof(uint)..]);
            rest = rest[(sizeof(uint) + text.Length)..];
        }
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    private static InferTensorContents Typed(Tensor tensor)
    {
        var contents = new InferTensorContents();
        var bytes = tensor.Bytes.Span;
        switch (tensor.Type.Name)
        {
            case "BOOL": contents.BoolContents.AddRange(bytes.ToArray().Select(value => value != 0)); break;
            case "INT8": contents.IntContents.AddRange(Cast<sbyte>(bytes).Select(value => (int)value)); break;
            case "INT16": contents.IntContents.AddRange(Cast<short>(bytes).Select(value => (int)value)); break;
            case "INT32": contents.IntContents.AddRange(Cast<int>(bytes)); break;
            case "INT64": contents.Int64Contents.AddRange(Cast<long>(bytes)); break;
            case "UINT8": contents.UintContents.AddRange(bytes.ToArray().Select(value => (uint)value)); break;
            case "UINT16": contents.UintContents.AddRange(Cast<ushort>(bytes).Select(value => (uint)value)); break;
            case "UINT32": contents.UintContents.AddRange(Cast<uint>(bytes)); break;
            case "UINT64": contents.Uint64Contents.AddRange(Cast<ulong>(bytes)); break;
            case "FP32": contents.Fp32Contents.AddRange(Cast<float>(bytes)); break;
            case "FP64": contents.Fp64Contents.AddRange(Cast<double>(bytes)); break;
            default: contents.BytesContents.AddRange(tensor.Texts!.Select(text => ByteString.CopyFrom(text.Span))); break;
        }
        return contents;
    }

    private static T[] Cast<T>(ReadOnlySpan<byte> bytes) where T : unmanaged => MemoryMarshal.Cast<byte, T>(bytes).ToArray();
}
