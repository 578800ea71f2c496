using System.Collections.Concurrent;
using System.Text.Json;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.UserModels;
using FraudScoring.Onnx;
using Google.Protobuf;

namespace FraudScoring.TestKit.Models;

/// <summary>A temporary folder of user models, with access to the oracle files.</summary>
internal sealed class UserModelFiles : IDisposable
{
    private static readonly ConcurrentDictionary<string, Lazy<OnnxModel>> Shared = new();

    public string Root { get; } = Directory.CreateTempSubdirectory("user-models-").FullName;

    /// <summary>Reads a file of the oracles.</summary>
    public static string Oracle(params string[] parts) => RepositoryFiles.Path(["tests", "FraudScoring.Tests", "Oracles", .. parts]);

    /// <summary>The test cases of the served models: model name, inputs and outputs.</summary>
    public static IReadOnlyList<ServedCase> Cases { get; } = JsonSerializer.Deserialize<List<ServedCase>>(
        File.ReadAllBytes(RepositoryFiles.Path("tests", "FraudScoring.Tests", "Oracles", "served", "cases.json")),
        JsonSerializerOptions.Web)!;

    /// <summary>Writes files into a model's folder. The first file is the graph.</summary>
    public string Put(string name, string version, params string[] files)
    {
        var folder = Folder(name, version);
        Directory.CreateDirectory(folder);
        foreach (var (i, file) in files.Index())
        {
            File.Copy(file, Path.Combine(folder, i == 0 ? ServingManifest.GraphFileName : Path.GetFileName(file)), overwrite: true);
        }
        return folder;
    }

    /// <summary>Writes a graph into a model's folder.</summary>
    public string Put(string name, string version, ModelProto model)
    {
        var folder = Folder(name, version);
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, ServingManifest.GraphFileName), model.ToByteArray());
        return folder;
    }

    /// <summary>
    /// Returns a served model of the oracles. It is loaded once per run and never disposed: checking the CUDA twin of the isolation forest
    /// takes seconds.
    /// </summary>
    public static OnnxModel LoadShared(string file) => Shared.GetOrAdd(file, key => new Lazy<OnnxModel>(() =>
    {
        using var folder = new UserModelFiles();
        var name = Path.GetFileNameWithoutExtension(key);
        folder.Put(name, "1", Oracle("served", key));
        return folder.Load(name, "1");
    })).Value;

    public string Folder(string name, string version) => Path.Combine(Root, name, version);

    public OnnxModel Load(string name, string version, EnsembleSettings? settings = null, Action<Action>? begin = null)
    {
        var faults = new Faults();
        var model = OnnxModel.Load(new ModelId(name, version), Folder(name, version), settings ?? EnsembleSettings.Cpu, begin, faults);
        return model ?? throw new InvalidOperationException(faults.ToString());
    }

    public List<string> Faults(string name, string version)
    {
        var faults = new Faults();
        using var model = OnnxModel.Load(new ModelId(name, version), Folder(name, version), faults);
        return model is null == (faults.Count > 0) ? [.. faults.Select(fault => fault.ToString())]
            : throw new InvalidOperationException(
                $"{name} {version} was {(model is null ? "refused" : "loaded")} with {faults.Count} faults.");
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

/// <summary>A model with inputs and the outputs it must return.</summary>
internal sealed record ServedCase(string Model, IReadOnlyList<ServedTensorCase> Inputs, IReadOnlyList<ServedTensorCase> Outputs)
{
    public string Name => Path.GetFileNameWithoutExtension(Model);

    public override string ToString() => Name;
}

/// <summary>A tensor as the protocol describes it.</summary>
internal sealed record ServedTensorCase(string Name, string Datatype, long[] Shape, JsonElement Data)
{
    /// <summary>The tensor in the form that models accept.</summary>
    public Tensor Tensor
    {
        get
        {
            var type = TensorType.Find(Datatype)!;
            var values = Data.EnumerateArray().ToArray();
            return type.IsText
                ? new Tensor(Name, type, Shape, default,
                    [.. values.Select(value => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(value.GetString()!))])
                : new Tensor(Name, type, Shape, values.SelectMany(value => Datatype switch
                {
                    "FP32" => BitConverter.GetBytes(value.GetSingle()),
                    "INT64" => BitConverter.GetBytes(value.GetInt64()),
                    _ => throw new InvalidOperationException(Datatype),
                }).ToArray());
        }
    }
}
