using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.UserModels;
using FraudScoring.Oip;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace FraudScoring.Server.Api;

/// <summary>Reads the elements of a tensor, raw or from the field of their type, and checks their number against its shape.</summary>
internal static class TensorReader
{
    /// <summary>Reads raw elements: row-major, little endian; each string after its length in four bytes.</summary>
    /// <param name="spec">The model's description of the tensor.</param>
    /// <param name="shape">The tensor's shape, already checked.</param>
    /// <param name="raw">The elements.</param>
    /// <param name="where">Name of the field in faults.</param>
    /// <param name="faults">Receives every fault.</param>
    public static Tensor? ReadRaw(TensorSpec spec, long[] shape, ByteString raw, string where, Faults faults)
    {
        var count = Tensor.CountOf(shape);
        if (spec.Type.IsText)
        {
            return ReadTexts(spec, shape, raw.Memory, where, faults);
        }
        if (raw.Length != count * spec.Type.Bytes)
        {
            faults.Add(where, string.Create(CultureInfo.InvariantCulture,
                $"{spec.Name} {spec.Type} [{string.Join(", ", shape)}] has {count * spec.Type.Bytes} bytes; the message has {raw.Length}"));
            return null;
        }
        if (spec.Type.Name == "BOOL" && raw.Span.ContainsAnyExcept((byte)0, (byte)1))
        {
            faults.Add(where, $"{spec.Name} is BOOL; each byte must be 0 or 1");
            return null;
        }
        return new Tensor(spec.Name, spec.Type, shape, raw.Memory);
    }

    /// <summary>Reads elements from the field of their type.</summary>
    /// <param name="spec">The model's description of the tensor.</param>
    /// <param name="shape">The tensor's shape, already checked.</param>
    /// <param name="contents">The elements.</param>
    /// <param name="where">Name of the field in faults.</param>
    /// <param name="faults">Receives every fault.</param>
    public static Tensor? ReadTyped(TensorSpec spec, long[] shape, InferTensorContents contents, string where, Faults faults)
    {
        var field = FieldOf(spec.Type);
        if (field is null)
        {
            faults.Add(where, $"{spec.Name} is {spec.Type}, which must be sent in raw_input_contents");
            return null;
        }
        var (received, count) = (CountsOf(contents), Tensor.CountOf(shape));
        var others = received.Where(pair => pair.Key != field && pair.Value > 0).Select(pair => pair.Key).ToList();
        if (others.Count > 0)
        {
            faults.Add(
                where,
                $"{spec.Name} is {spec.Type}, whose elements belong in {field}; the message has elements in {string.Join(", ", others)}");
            return null;
        }
        if (received[field] != count)
        {
            faults.Add(where, string.Create(CultureInfo.InvariantCulture,
                $"{spec.Name} [{string.Join(", ", shape)}] has {count} elements; the message has {received[field]} in {field}"));
            return null;
        }
        if (spec.Type.IsText)
        {
            return new Tensor(spec.Name, spec.Type, shape, default, [.. contents.BytesContents.Select(text => text.Memory)]);
        }
        if (Bytes(spec.Type, contents) is { } bytes)
        {
            return new Tensor(spec.Name, spec.Type, shape, bytes);
        }
        faults.Add(where, $"{spec.Name}: a number is outside the range of {spec.Type}");
        return null;
    }

    /// <summary>Null for types that only raw contents can carry, such as FP16.</summary>
    private static string? FieldOf(TensorType type) => !type.HasContents ? null : type.Name switch
    {
        "BOOL" => "bool_contents",
        "INT8" or "INT16" or "INT32" => "int_contents",
        "INT64" => "int64_contents",
        "UINT8" or "UINT16" or "UINT32" => "uint_contents",
        "UINT64" => "uint64_contents",
        "FP32" => "fp32_contents",
        "FP64" => "fp64_contents",
        _ => "bytes_contents",
    };

    private static Dictionary<string, int> CountsOf(InferTensorContents contents) => new()
    {
        ["bool_contents"] = contents.BoolContents.Count,
        ["int_contents"] = contents.IntContents.Count, ["int64_contents"] = contents.Int64Contents.Count,
        ["uint_contents"] = contents.UintContents.Count, ["uint64_contents"] = contents.Uint64Contents.Count,
        ["fp32_contents"] = contents.Fp32Contents.Count, ["fp64_contents"] = contents.Fp64Contents.Count,
        ["bytes_contents"] = contents.BytesContents.Count,
    };

    /// <summary>Null when an element is out of the type's range.</summary>
    private static byte[]? Bytes(TensorType type, InferTensorContents contents)
    {
        try
        {
            return type.Name switch
            {
                "BOOL" => Bytes(contents.BoolContents, value => value),
                "INT8" => Bytes(contents.IntContents, value => checked((sbyte)value)),
                "INT16" => Bytes(contents.IntContents, value => checked((short)value)),
                "INT32" => Bytes(contents.IntContents, value => value),
                "INT64" => Bytes(contents.Int64Contents, value => value),
                "UINT8" => Bytes(contents.UintContents, value => checked((byte)value)),
                "UINT16" => Bytes(contents.UintContents, value => checked((ushort)value)),
                "UINT32" => Bytes(contents.UintContents, value => value),
                "UINT64" => Bytes(contents.Uint64Contents, value => value),
                "FP32" => Bytes(contents.Fp32Contents, value => value),
                _ => Bytes(contents.Fp64Contents, value => value),
            };
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static byte[] Bytes<TFrom, TTo>(RepeatedField<TFrom> values, Func<TFrom, TTo> convert) where TTo : unmanaged
    {
        var converted = new TTo[values.Count];
        for (var i = 0; i < converted.Length; i++)
        {
            converted[i] = convert(values[i]);
        }
        return MemoryMarshal.AsBytes(converted.AsSpan()).ToArray();
    }

    private static Tensor? ReadTexts(TensorSpec spec, long[] shape, ReadOnlyMemory<byte> raw, string where, Faults faults)
    {
        var count = Tensor.CountOf(shape);
        var texts = new List<ReadOnlyMemory<byte>>();
        var rest = raw;
        while (rest.Length >= sizeof(uint) && texts.Count < count)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest.Span);
            if (length > rest.Length - sizeof(uint))
            {
                break;
            }
            texts.Add(rest.Slice(sizeof(uint), (int)length));
            rest = rest[(sizeof(uint) + (int)length)..];
        }
        if (texts.Count == count && rest.IsEmpty)
        {
            return new Tensor(spec.Name, spec.Type, shape, default, texts);
        }
        faults.Add(where, string.Create(CultureInfo.InvariantCulture,
            $"{spec.Name} [{string.Join(", ", shape)}] must be {count} strings, each after its length "
            + $"in four bytes, little endian; read {texts.Count}, with {rest.Length} bytes left over"));
        return null;
    }
}
