using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Onnx;
using Google.Protobuf;

namespace FraudScoring.Inference.UserModels;

/// <summary>
/// Embeds tensors that a model stores in other files. The runtime could read them too, but follows any path; here only files in the model's
/// own folder are read.
/// </summary>
internal static class ExternalTensors
{
    /// <summary>Embeds the tensors.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">Its file.</param>
    /// <param name="faults">Receives every fault.</param>
    /// <returns>True if there were any.</returns>
    public static bool Embed(ModelProto model, string path, Faults faults)
    {
        var external = TensorsOf(model)
            .Where(tensor => tensor.DataLocation == TensorProto.Types.DataLocation.External || tensor.ExternalData.Count > 0).ToList();
        var (left, before) = (ServedGraph.MaxBytes, faults.Count);
        foreach (var tensor in external.TakeWhile(_ => faults.Count - before < 10))
        {
            left -= Embed(tensor, path, left, faults);
        }
        return external.Count > 0;
    }

    private static long Embed(TensorProto tensor, string path, long most, Faults faults)
    {
        var place = tensor.ExternalData.DistinctBy(entry => entry.Key).ToDictionary(entry => entry.Key, entry => entry.Value);
        var location = place.GetValueOrDefault("location", "");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var what = $"stores the tensor {tensor.Name} in another file,";
        // A link could lead out of the folder, just as a path could.
        var file = location.Length == 0 || location != Path.GetFileName(location) ? null : new FileInfo(Path.Combine(folder, location));
        if (file is null || file.LinkTarget is not null)
        {
            faults.Add(path,
                $"{what} which is not in the model's own folder; save the model whole (onnx.save_model(…, save_as_external_data=False))");
            return 0;
        }
        var isNumber = Number(place, "offset", 0, out var offset)
            & Number(place, "length", file.Exists ? file.Length - offset : 0, out var length);
        if (!file.Exists || !isNumber || offset < 0 || length < 0 || offset > file.Length || length > file.Length - offset || length > most)
        {
            faults.Add(path,
                $"{what} which does not exist next to it, is too short, or is over "
                    + $"{ServedGraph.MaxBytes >> 20} MiB; copy all files of the model");
            return 0;
        }
        var bytes = new byte[length];
        using (var stream = file.OpenRead())
        {
            stream.Position = offset;
            stream.ReadExactly(bytes);
        }
        tensor.RawData = ByteString.CopyFrom(bytes);
        tensor.ExternalData.Clear();
        tensor.ClearDataLocation();
        return length;
    }

    private static bool Number(Dictionary<string, string> place, string key, long byDefault, out long number)
    {
        number = byDefault;
        return !place.TryGetValue(key, out var text) || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static IEnumerable<TensorProto> TensorsOf(ModelProto model) =>
        TensorsOf(model.Graph).Concat(model.Functions.SelectMany(function => function.Node).SelectMany(TensorsOf));

    private static IEnumerable<TensorProto> TensorsOf(GraphProto graph) => graph.Initializer
        .Concat(graph.SparseInitializer.SelectMany(sparse => new[] { sparse.Values, sparse.Indices })
        .OfType<TensorProto>()).Concat(graph.Node.SelectMany(TensorsOf));

    private static IEnumerable<TensorProto> TensorsOf(NodeProto node) => node.Attribute.SelectMany(attribute =>
        (attribute.T is null ? [] : new[] { attribute.T }).Concat(attribute.Tensors)
            .Concat((attribute.G is null ? [] : new[] { attribute.G }).Concat(attribute.Graphs).SelectMany(TensorsOf)));
}
