using System.Globalization;
using FraudScoring.Core.Payments;

namespace FraudScoring.Inference.UserModels;

/// <summary>Size limits of a request.</summary>
/// <param name="MaxRows">Largest length of a free first axis.</param>
/// <param name="MaxElements">Largest number of elements of one tensor.</param>
public sealed record TensorLimits(int MaxRows, int MaxElements);

/// <summary>Checks the tensors of a request against the model. Every fault names the expected and the actual value.</summary>
public static class TensorCheck
{
    private const int MostNamed = 20;

    /// <summary>Checks names, types and shapes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="names">Names of the received tensors.</param>
    /// <param name="types">Their types, as the protocol names them.</param>
    /// <param name="shapes">Their shapes.</param>
    /// <param name="limits">Size limits of the request.</param>
    /// <param name="faults">Receives every fault.</param>
    public static void Inputs(
        IServedModel model, IReadOnlyList<string> names, IReadOnlyList<string> types, IReadOnlyList<IReadOnlyList<long>> shapes,
        TensorLimits limits, Faults faults)
    {
        var before = faults.Count;
        var sizes = new Dictionary<string, (long Size, string Where)>();
        for (var i = 0; i < names.Count && faults.Count - before < MostNamed; i++)
        {
            var where = $"inputs[{i.ToString(CultureInfo.InvariantCulture)}]";
            var spec = model.Inputs.FirstOrDefault(input => input.Name == names[i]);
            if (spec is null)
            {
                faults.Add(
                    $"{where}.name", $"is not an input of the model {model.Id.Name}; its inputs are {string.Join(", ", model.Inputs)}");
                continue;
            }
            if (names.Take(i).Contains(names[i]))
            {
                faults.Add($"{where}.name", $"repeats the input {spec.Name}; send each input once");
            }
            if (types[i] != spec.Type.Name)
            {
                faults.Add($"{where}.datatype", $"{spec.Name} must be {spec.Type}, but is {Shown(types[i])}");
            }
            CheckShape($"{where}.shape", spec, shapes[i], limits with { MaxRows = Math.Min(limits.MaxRows, model.MaxRows) }, sizes, faults);
        }
        foreach (var missing in model.Inputs.Where(input => !names.Contains(input.Name)).Take(MostNamed))
        {
            faults.Add("inputs", $"{missing} is missing; send every input");
        }
    }

    /// <summary>Finds the requested outputs; all of them if none is named.</summary>
    /// <param name="model">The model.</param>
    /// <param name="names">Names of outputs.</param>
    /// <param name="faults">Receives every fault.</param>
    public static IReadOnlyList<TensorSpec> Outputs(IServedModel model, IReadOnlyList<string> names, Faults faults)
    {
        if (names.Count == 0)
        {
            return model.Outputs;
        }
        var before = faults.Count;
        var wanted = new List<TensorSpec>();
        for (var i = 0; i < names.Count && faults.Count - before < MostNamed; i++)
        {
            var spec = model.Outputs.FirstOrDefault(output => output.Name == names[i]);
            if (spec is null || wanted.Contains(spec))
            {
                faults.Add($"outputs[{i.ToString(CultureInfo.InvariantCulture)}].name",
                    spec is not null ? $"repeats the output {spec.Name}; request each output once"
                    : $"is not an output of the model {model.Id.Name}; its outputs are {string.Join(", ", model.Outputs)}");
                continue;
            }
            wanted.Add(spec);
        }
        return wanted;
    }

    /// <summary>A type name sent by a caller, as an error may show it. Other texts are described, not repeated.</summary>
    public static string Shown(string word) =>
        word is { Length: > 0 and <= 16 } && word.All(char.IsAsciiLetterOrDigit) ? word
            : word.Length == 0 ? "empty" : "not the name of a type";

    private static void CheckShape(
        string where, TensorSpec spec, IReadOnlyList<long> shape, TensorLimits limits,
        Dictionary<string, (long Size, string Where)> sizes, Faults faults)
    {
        var fits = shape.Count <= 16 && shape.All(size => size >= 0) && (spec.Axes is null || spec.Axes.Count == shape.Count);
        for (var a = 0; fits && spec.Axes is not null && a < shape.Count; a++)
        {
            fits = spec.Axes[a].IsFree || spec.Axes[a].Size == shape[a];
        }
        if (!fits)
        {
            faults.Add(where, $"must fit {spec}, but is {Shown(shape)}");
            return;
        }
        if (shape.Count > 0 && (spec.Axes is null || spec.Axes[0].IsFree) && shape[0] > limits.MaxRows)
        {
            faults.Add(where, string.Create(CultureInfo.InvariantCulture,
                $"{spec.Name} has {shape[0]} rows; at most {limits.MaxRows} are allowed per request"));
        }
        else if (Tensor.CountOf(shape) is var count && (count < 0 || count > limits.MaxElements))
        {
            faults.Add(where, string.Create(CultureInfo.InvariantCulture,
                $"{spec.Name} is {Shown(shape)}; at most {limits.MaxElements} elements are allowed"));
        }
        for (var a = 0; spec.Axes is not null && a < shape.Count; a++)
        {
            var symbol = spec.Axes[a].Symbol;
            if (symbol.Length > 0 && !sizes.TryAdd(symbol, (shape[a], spec.Name)) && sizes[symbol].Size != shape[a])
            {
                faults.Add(where, string.Create(CultureInfo.InvariantCulture,
                    $"axis {symbol} of {spec.Name} is {shape[a]}, but {sizes[symbol].Size} of {sizes[symbol].Where}; they must be equal"));
            }
        }
    }

    private static string Shown(IReadOnlyList<long> shape) =>
        shape.Count > 16 ? $"a shape of {shape.Count} axes" : $"[{string.Join(", ", shape)}]";
}
