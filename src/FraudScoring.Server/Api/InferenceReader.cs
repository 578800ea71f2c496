using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.UserModels;
using FraudScoring.Oip;

namespace FraudScoring.Server.Api;

/// <summary>A request of the Open Inference Protocol, read and checked against its model.</summary>
/// <param name="Inputs">All inputs of the model.</param>
/// <param name="Outputs">The requested outputs.</param>
/// <param name="Explain">True if contributions are requested, too.</param>
/// <param name="IsRaw">True if the elements are in raw_input_contents; the answer then uses raw_output_contents.</param>
internal sealed record InferenceReader(
    IReadOnlyList<Tensor> Inputs, IReadOnlyList<TensorSpec> Outputs, bool Explain, bool IsRaw)
{
    private const string ExplainParameter = "explain";

    // No model has this many inputs. Without the limit, listing the faults of a hostile message would cost more than running a model.
    private const int MostTensors = 1000;

    /// <summary>Reads and checks a request; null when it has faults, which are added to <paramref name="faults"/>.</summary>
    public static InferenceReader? Parse(ModelInferRequest request, IServedModel model, TensorLimits limits, Faults faults)
    {
        var before = faults.Count;
        if (request.Inputs.Count > MostTensors || request.Outputs.Count > MostTensors)
        {
            faults.Add("inputs", string.Create(CultureInfo.InvariantCulture,
                $"must have at most {MostTensors} tensors; the model {model.Id.Name} has {model.Inputs.Count}"));
            return null;
        }
        var shapes = request.Inputs.Select(input => input.Shape.ToArray()).ToArray();
        TensorCheck.Inputs(
            model, [.. request.Inputs.Select(i => i.Name)], [.. request.Inputs.Select(i => i.Datatype)], shapes, limits, faults);
        var outputs = TensorCheck.Outputs(model, [.. request.Outputs.Select(output => output.Name)], faults);
        var explain = ReadExplain(request, model, faults);
        var isRaw = request.RawInputContents.Count > 0;
        if (isRaw && request.RawInputContents.Count != request.Inputs.Count)
        {
            faults.Add("raw_input_contents", string.Create(CultureInfo.InvariantCulture,
                $"must be empty or have one entry per input ({request.Inputs.Count}); it has {request.RawInputContents.Count}"));
        }
        var tensors = new List<Tensor>();
        for (var i = 0; i < request.Inputs.Count && faults.Count - before < MostTensors; i++)
        {
            if (ReadContents(request, i, shapes[i], model, limits, faults) is { } tensor)
            {
                tensors.Add(tensor);
            }
        }
        return faults.Count > before ? null : new InferenceReader(tensors, outputs, explain, isRaw);
    }

    /// <summary>Reads the elements of an input. Null when the input is unknown or its shape invalid or too large.</summary>
    private static Tensor? ReadContents(
        ModelInferRequest request, int i, long[] shape, IServedModel model, TensorLimits limits, Faults faults)
    {
        var input = request.Inputs[i];
        var spec = model.Inputs.FirstOrDefault(known => known.Name == input.Name && known.Type.Name == input.Datatype);
        var count = Tensor.CountOf(shape);
        if (spec is null || count < 0 || count > limits.MaxElements)
        {
            return null;
        }
        var index = i.ToString(CultureInfo.InvariantCulture);
        if (request.RawInputContents.Count == 0)
        {
            return TensorReader.ReadTyped(spec, shape, input.Contents ?? new InferTensorContents(), $"inputs[{index}].contents", faults);
        }
        if (input.Contents is not null)
        {
            faults.Add($"inputs[{index}].contents", "must be empty when raw_input_contents is set");
        }
        return i < request.RawInputContents.Count
            ? TensorReader.ReadRaw(spec, shape, request.RawInputContents[i], $"raw_input_contents[{index}]", faults) : null;
    }

    private static bool ReadExplain(ModelInferRequest request, IServedModel model, Faults faults)
    {
        const string where = $"parameters[{ExplainParameter}]";
        if (!request.Parameters.TryGetValue(ExplainParameter, out var parameter))
        {
            return false;
        }
        if (parameter.ParameterChoiceCase != InferParameter.ParameterChoiceOneofCase.BoolParam)
        {
            faults.Add(where, "must be a bool_param");
        }
        else if (parameter.BoolParam && model.WhyNotExplained is { } why)
        {
            faults.Add(where, $"the model {model.Id.Name} cannot be explained: {why}");
        }
        return parameter.BoolParam;
    }
}
