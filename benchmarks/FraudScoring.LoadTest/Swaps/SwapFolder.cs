using System.Globalization;
using System.Text.Json.Nodes;
using FraudScoring.Inference.Rollout;

namespace FraudScoring.LoadTest.Swaps;

/// <summary>
/// A models folder of copies of the committed bundle: a champion whose version goes up, and models beside it. All versions lie there from
/// the start: copying files is not what swaps cost.
/// </summary>
internal sealed class SwapFolder : IDisposable
{
    private const string Champion = "payments";
    private readonly int _beside;

    /// <param name="versions">Versions of the champion.</param>
    /// <param name="beside">Models beside the champion.</param>
    public SwapFolder(int versions, int beside)
    {
        _beside = beside;
        foreach (var file in Directory.GetFiles(Source))
        {
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
        }
        for (var version = 1; version <= versions; version++)
        {
            Copy(Champion, version);
        }
        for (var i = 0; i < beside; i++)
        {
            Copy(Beside(i), version: 1);
        }
        Register(version: 1);
    }

    /// <summary>The folder.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("swaps-").FullName;

    private static string Source => System.IO.Path.Combine(AppContext.BaseDirectory, "models");

    /// <summary>Names this version as the champion's, as an operator would.</summary>
    public void Register(int version)
    {
        var beside = Enumerable.Range(0, _beside).Select(i => new JsonObject { ["model"] = Beside(i), ["version"] = "1" });
        var registry = new JsonObject
        {
            ["champion"] = new JsonObject { ["model"] = Champion, ["version"] = Text(version) }, ["models"] = new JsonArray([.. beside]),
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

    private static string Beside(int number) => $"beside-{Text(number)}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
