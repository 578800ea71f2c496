using FraudScoring.Inference.UserModels;
using FraudScoring.Oip;
using Google.Protobuf;

namespace FraudScoring.TestKit.Models;

/// <summary>Valid and invalid requests of the Open Inference Protocol.</summary>
internal static class InferenceMessages
{
    private static readonly string[] Datatypes = [.. TensorType.All.Select(type => type.Name), "", "FP8", "fp32", "a name that is none"];

    /// <summary>The request of a case, with its elements in the typed fields or raw.</summary>
    public static ModelInferRequest Create(ServedCase one, bool raw)
    {
        var request = new ModelInferRequest { ModelName = one.Name, Id = "7" };
        var response = new ModelInferResponse();
        FraudScoring.Server.Api.TensorWriter.Write(response, [.. one.Inputs.Select(input => input.Tensor)], [], raw);
        foreach (var tensor in response.Outputs)
        {
            request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor
            {
                Name = tensor.Name, Datatype = tensor.Datatype, Shape = { tensor.Shape }, Contents = tensor.Contents,
            });
        }
        request.RawInputContents.AddRange(response.RawOutputContents);
        return request;
    }

    /// <summary>
    /// A random request with any number of faults, or none: names, types, shapes, elements, lengths, outputs, parameters.
    /// </summary>
    public static ModelInferRequest Spoil(ModelInferRequest right, Random random)
    {
        var request = right.Clone();
        for (var changes = random.Next(0, 4); changes > 0; changes--)
        {
            Change(request, random);
        }
        return request;
    }

    private static void Change(ModelInferRequest request, Random random)
    {
        var input = request.Inputs.Count == 0 ? new ModelInferRequest.Types.InferInputTensor()
            : request.Inputs[random.Next(request.Inputs.Count)];
        switch (random.Next(12))
        {
            case 0: input.Name = random.Next(2) == 0 ? "" : "other"; break;
            case 1: input.Datatype = Datatypes[random.Next(Datatypes.Length)]; break;
            case 2: input.Shape.Add(random.NextInt64(-3, 5)); break;
            case 3: input.Shape.Clear(); break;
            case 4 when input.Shape.Count > 0: input.Shape[random.Next(input.Shape.Count)] = AnySize(random); break;
            case 5: input.Contents = AnyContents(random); break;
            case 6: request.Inputs.Add(input.Clone()); break;
            case 7: request.RawInputContents.Add(AnyBytes(random)); break;
            case 8 when request.RawInputContents.Count > 0:
                request.RawInputContents[random.Next(request.RawInputContents.Count)] = AnyBytes(random);
                break;
            case 9: request.Inputs.Remove(input); break;
            case 10:
                request.Outputs.Add(
                    new ModelInferRequest.Types.InferRequestedOutputTensor { Name = random.Next(2) == 0 ? "label" : "none" });
                break;
            case 11:
                request.Parameters["explain"] = random.Next(2) == 0 ? new InferParameter { BoolParam = true }
                    : new InferParameter { StringParam = "yes" };
                break;
            default: FillAsItsShapeSays(input, random); break;
        }
    }

    /// <summary>Correct lengths with unusual sizes and values, which the model itself must accept or reject.</summary>
    private static void FillAsItsShapeSays(ModelInferRequest.Types.InferInputTensor input, Random random)
    {
        var count = Math.Clamp(Tensor.CountOf([.. input.Shape]), 0, 1000);
        var contents = new InferTensorContents();
        for (var i = 0; i < count; i++)
        {
            switch (input.Datatype)
            {
                case "FP32":
                    contents.Fp32Contents.Add(
                        random.Next(4) switch
                        {
                            0 => float.NaN,
                            1 => float.PositiveInfinity,
                            2 => -float.MaxValue,
                            _ => random.NextSingle()
                        });
                    break;
                case "INT64":
                    contents.Int64Contents.Add(random.Next(3) switch { 0 => long.MinValue, 1 => long.MaxValue, _ => random.Next() });
                    break;
                case "BYTES": contents.BytesContents.Add(AnyBytes(random)); break;
                default: break;
            }
        }
        input.Contents = contents;
    }

    private static long AnySize(Random random) => random.Next(7) switch
    {
        0 => -1,
        1 => 0,
        2 => long.MaxValue,
        3 => int.MaxValue,
        4 => 1 << 20,
        _ => random.Next(1, 20),
    };

    private static ByteString AnyBytes(Random random)
    {
        var bytes = new byte[random.Next(4) == 0 ? 0 : random.Next(1, 300)];
        random.NextBytes(bytes);
        return ByteString.CopyFrom(bytes);
    }

    private static InferTensorContents AnyContents(Random random)
    {
        var contents = new InferTensorContents();
        var count = random.Next(0, 100);
        contents.Fp32Contents.AddRange(Enumerable.Repeat(1f, random.Next(2) * count));
        contents.IntContents.AddRange(Enumerable.Repeat(int.MaxValue, random.Next(2) * count));
        contents.BoolContents.AddRange(Enumerable.Repeat(true, random.Next(2) * count));
        return contents;
    }
}
