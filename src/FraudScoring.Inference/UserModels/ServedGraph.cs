using System.Text.Json;
using FraudScoring.Core.Payments;
using FraudScoring.Onnx;
using Google.Protobuf;

namespace FraudScoring.Inference.UserModels;

/// <summary>The graph of a user model, made ready to be served.</summary>
/// <param name="Model">The graph, whole: tensors from files beside it are taken in, and maps at its outputs are cut off.</param>
/// <param name="Bytes">The same as bytes.</param>
/// <param name="Classes">By output: what its columns stand for, as JSON.</param>
internal sealed record ServedGraph(ModelProto Model, byte[] Bytes, IReadOnlyDictionary<string, string> Classes)
{
    /// <summary>Largest file, and largest sum of files beside it.</summary>
    public const long MaxBytes = 512L * 1024 * 1024;

    private const string MapOperator = "ZipMap";

    /// <summary>Reads a graph.</summary>
    /// <param name="path">The file.</param>
    /// <param name="faults">Gets all that is wrong.</param>
    public static ServedGraph? Load(string path, Faults faults)
    {
        if (new FileInfo(path) is { Exists: true, Length: > MaxBytes })
        {
            faults.Add(path, $"is over {MaxBytes >> 20} MiB");
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
            var isChanged = ExternalTensors.TakeIn(model, path, faults);
            var classes = CutMaps(model);
            CheckOutputs(model, path, faults);
            return faults.Count > before ? null : new ServedGraph(model, isChanged || classes.Count > 0 ? model.ToByteArray() : bytes, classes);
        }
        catch (InvalidProtocolBufferException e)
        {
            faults.Add(path, $"is not an ONNX model, or only a part of one: {e.Message} Export or copy it again");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(path, $"cannot be read: {e.Message}");
        }
        return null;
    }

    /// <summary>An output or an input of the graph says how many axes it has.</summary>
    public bool HasShape(string name) => Model.Graph.Input.Concat(Model.Graph.Output).FirstOrDefault(value => value.Name == name)
        ?.Type?.TensorType?.Shape is not null;

    /// <summary>
    /// Where scikit-learn's and others' converters end a classifier in a list of maps from class to probability, which no tensor can
    /// hold, the table that the maps were made of is given instead, under the same name.
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
            var labels = node.Attribute.SelectMany(a => a.Ints.Select(i => (object)i).Concat(a.Strings.Select(s => s.ToStringUtf8()))).ToList();
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
        return new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } };
    }

    private static void CheckOutputs(ModelProto model, string path, Faults faults)
    {
        foreach (var value in model.Graph.Output.Where(output => output.Type is not null && output.Type.TensorType is null))
        {
            faults.Add(path, $"its output {value.Name} is no tensor but a sequence or a map, which the protocol cannot carry; "
                + "export the model with tensors alone (skl2onnx: options={id(model): {\"zipmap\": False}})");
        }
        foreach (var value in model.Graph.Input.Where(input => input.Type is not null && input.Type.TensorType is null))
        {
            faults.Add(path, $"its input {value.Name} is no tensor but a sequence or a map, which the protocol cannot carry; "
                + "export the model with tensors alone");
        }
    }
}
