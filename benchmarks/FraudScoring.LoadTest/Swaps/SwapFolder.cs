using System.Globalization;
using System.Text.Json.Nodes;
using FraudScoring.Inference.Rollout;

namespace FraudScoring.LoadTest.Swaps;

/// <summary>
/// A models folder with copies of the committed bundle: many versions of the champion, and other models. All versions exist from the start,
/// because copying files is not part of a swap.
/// </summary>
internal sealed class SwapFolder : IDisposable
{
    private const string Champion = "payments";
    private readonly int _others;

    /// <param name="versions">Number of versions of the champion.</param>
    /// <param name="others">Number of other models.</param>
    public SwapFolder(int versions, int others)
    {
        _others = others;
        foreach (var file in Directory.GetFiles(Source))
        {
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
        }
        for (var version = 1; version <= versions; version++)
        {
            Copy(Champion, version);
        }
        for (var i = 0; i < others; i++)
        {
            Copy(Other(i), version: 1);
        }
        Register(version: 1);
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("swaps-").FullName;

    private static string Source => System.IO.Path.Combine(AppContext.BaseDirectory, "models");

    /// <summary>Makes this version the champion by editing registry.json, as an operator would.</summary>
    public void Register(int version)
    {
        var others = Enumerable.Range(0, _others).Select(i => new JsonObject { ["model"] = Other(i), ["version"] = "1" });
        var registry = new JsonObject
        {
            ["champion"] = new JsonObject { ["model"] = Champion, ["version"] = Text(version) }, ["models"] = new JsonArray([.. others]),
        };
        var path = System.IO.Path.Combine(Path, ModelRegistry.FileName);
        File.WriteAllText(path + ".new", registry.ToJsonString());
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <inheritdoc />
    public void Dispose() => Directory.Delete(Path, recursive: true);

    private void Copy(string model, int version)
    {
        var target = Directory.CreateDirectory(System.IO.Path.Combine(Path, model, Text(version))).FullName;
        foreach (var file in Directory.GetFiles(System.IO.Path.Combine(Source, Champion, "1")))
        {
            File.Copy(file, System.IO.Path.Combine(target, System.IO.Path.GetFileName(file)));
        }
        var path = System.IO.Path.Combine(target, "manifest.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        (manifest["model"], manifest["version"]) = (model, Text(version));
        File.WriteAllText(path, manifest.ToJsonString());
    }

    private static string Other(int number) => $"other-{Text(number)}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
