using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>A modifiable copy of the models folder that ships with the program.</summary>
internal sealed class ModelsCopy : IDisposable
{
    public ModelsCopy()
    {
        var source = Path.Combine(AppContext.BaseDirectory, "models");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(Folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("fraud-models-").FullName;

    public string Bundle(string file) => Path.Combine(Folder, "payments", "1", file);

    /// <summary>Copies the bundle under another name and version.</summary>
    public void CopyBundle(string model, string version)
    {
        var target = Directory.CreateDirectory(Path.Combine(Folder, model, version)).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(Folder, "payments", "1")))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
        ChangeManifest(Path.Combine(model, version), manifest => (manifest["model"], manifest["version"]) = (model, version));
    }

    public void ChangeManifest(string bundle, Action<JsonNode> change)
    {
        var path = Path.Combine(Folder, bundle, "manifest.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        change(manifest);
        File.WriteAllText(path, manifest.ToJsonString());
    }

    /// <summary>Replaces the bundle's graph and its hash in the manifest.</summary>
    public void ReplaceGraph(Func<byte[], byte[]> change)
    {
        var graph = change(File.ReadAllBytes(Bundle("model.onnx")));
        File.WriteAllBytes(Bundle("model.onnx"), graph);
        ChangeManifest(
            Path.Combine("payments", "1"), manifest => manifest["files"]!["model.onnx"] = Convert.ToHexStringLower(SHA256.HashData(graph)));
    }

    /// <summary>Writes the registry: the champion's version and further models.</summary>
    public void Register(string champion, params (string Model, string Version)[] models)
    {
        var registry = new JsonObject
        {
            ["champion"] = new JsonObject { ["model"] = "payments", ["version"] = champion },
            ["models"] = new JsonArray(
                [.. models.Select(model => new JsonObject { ["model"] = model.Model, ["version"] = model.Version })]),
        };
        File.WriteAllText(Path.Combine(Folder, "registry.json"), registry.ToJsonString());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
