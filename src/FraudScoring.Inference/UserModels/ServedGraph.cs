using System.Text.Json;
using FraudScoring.Core.Payments;
using FraudScoring.Onnx;
using Google.Protobuf;

namespace FraudScoring.Inference.UserModels;

/// <summary>The graph of a user model, prepared for serving.</summary>
/// <param name="Model">The graph: tensors from other files are embedded, and maps at outputs replaced by tables.</param>
/// <param name="Bytes">The same graph, serialized.</param>
/// <param name="Classes">By output: the classes of its columns, as JSON.</param>
internal sealed record ServedGraph(ModelProto Model, byte[] Bytes, IReadOnlyDictionary<string, string> Classes)
{
    /// <summary>Largest size of the file in bytes, and of all tensors in other files together.</summary>
    public const long MaxBytes = 512L * 1024 * 1024;

    private const string MapOperator = "ZipMap";

    /// <summary>Reads a graph.</summary>
    /// <param name="path">The file.</param>
    /// <param name="faults">Receives every fault.</param>
    public static ServedGraph? Load(string path, Faults faults)
    {
        if (new FileInfo(path) is { Exists: true, Length: > MaxBytes })
        {
            faults.Add(path, $"is over {MaxBytes >> 20} MiB, the largest size that is served; export a smaller model");
            return null;
        }
        var before = faults.Count;
        try
        {
            var bytes = File.ReadAllBytes(path);
            var model = ModelProto.Parser.ParseFrom(bytes);
            if (model.Graph is null || model.Graph.Node.Count == 0 || model.Graph.Output.Count == 0)
            {
                faults.Add(path, "is not an ONNX model: it holds no graph; export the model again");
                return null;
            }
            var isChanged = ExternalTensors.Embed(model, path, faults);
            var classes = CutMaps(model);
            CheckOutputs(model, path, faults);
            return faults.Count > before ? null
                : new ServedGraph(model, isChanged || classes.Count > 0 ? model.ToByteArray() : bytes, classes);
        }
        catch (InvalidProtocolBufferException e)
        {
            faults.Add(path, $"is not an ONNX model, or is incomplete: {e.Message} Export or copy it again");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(path, $"cannot be read: {e.Message}");
        }
        return null;
    }

    /// <summary>True if the graph declares the number of axes of an input or output.</summary>
    public bool HasShape(string name) => Model.Graph.Input.Concat(Model.Graph.Output).FirstOrDefault(value => value.Name == name)
        ?.Type?.TensorType?.Shape is not null;

    /// <summary>
    /// Replaces maps from class to probability, in which the converters of scikit-learn and others end a classifier and which no tensor can
    /// hold, by the table from which they are built, under the same name.
    /// </summary>
    private static Dictionary<string, string> CutMaps(ModelProto model)
    {
        var classes = new Dictionary<string, string>();
        foreach (var node in model.Graph.Node.Where(node => node.OpType == MapOperator && node.Output.Count == 1 && node.Input.Count == 1))
        {
            if (model.Graph.Output.FirstOrDefault(output => output.Name == node.Output[0]) is not { } output)
            {
                continue;
            }
            var labels = node.Attribute
                .SelectMany(a => a.Ints.Select(i => (object)i).Concat(a.Strings.Select(s => s.ToStringUtf8()))).ToList();
            classes[output.Name] = JsonSerializer.Serialize(labels);
            (node.OpType, node.Domain) = ("Identity", "");
            node.Attribute.Clear();
            output.Type = TableOf(labels.Count);
        }
        if (classes.Count > 0 && !model.OpsetImport.Any(import => import.Domain is "" or "ai.onnx"))
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 13 });
        }
        return classes;
    }

    private static TypeProto TableOf(int columns)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension());
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = columns });
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape };
        return new TypeProto { TensorType = tensor };
    }

    private static void CheckOutputs(ModelProto model, string path, Faults faults)
    {
        foreach (var value in model.Graph.Output.Where(output => output.Type is not null && output.Type.TensorType is null))
        {
            faults.Add(path, $"has the output {value.Name}, a sequence or a map, which the protocol does not support; "
                + "export the model with tensors only (skl2onnx: options={id(model): {\"zipmap\": False}})");
        }
        foreach (var value in model.Graph.Input.Where(input => input.Type is not null && input.Type.TensorType is null))
        {
            faults.Add(path, $"has the input {value.Name}, a sequence or a map, which the protocol does not support; "
                + "export the model with tensors only");
        }
    }
}
