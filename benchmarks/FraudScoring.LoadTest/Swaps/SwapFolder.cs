using System.Globalization;
using System.Text.Json.Nodes;
using FraudScoring.Inference.Rollout;

namespace FraudScoring.LoadTest.Swaps;

/// <summary>A models folder of copies of the committed bundle: a champion whose version goes up, and models beside it.</summary>
internal sealed class SwapFolder : IDisposable
{
    private const string Champion = "payments";
    private readonly int _beside;

    /// <param name="beside">Models beside the champion.</param>
    public SwapFolder(int beside)
    {
        _beside = beside;
        foreach (var file in Directory.GetFiles(Source))
        {
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
        }
        Copy(Champion, "1");
        for (var i = 0; i < beside; i++)
        {
            Copy(Beside(i), "1");
        }
        Register("1");
    }

    /// <summary>The folder.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("swaps-").FullName;

    private static string Source => System.IO.Path.Combine(AppContext.BaseDirectory, "models");

    /// <summary>Names this version as the champion's, as an operator would.</summary>
    public void Put(int version)
    {
        Copy(Champion, Text(version));
        Register(Text(version));
    }

    /// <summary>Deletes a version that is not named any more.</summary>
    public void Remove(int version) => Directory.Delete(System.IO.Path.Combine(Path, Champion, Text(version)), recursive: true);

    /// <inheritdoc />
    public void Dispose() => Directory.Delete(Path, recursive: true);

    private void Copy(string model, string version)
    {
        var target = Directory.CreateDirectory(System.IO.Path.Combine(Path, model, version)).FullName;
        foreach (var file in Directory.GetFiles(System.IO.Path.Combine(Source, Champion, "1")))
        {
            File.Copy(file, System.IO.Path.Combine(target, System.IO.Path.GetFileName(file)));
        }
        var path = System.IO.Path.Combine(target, "manifest.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        (manifest["model"], manifest["version"]) = (model, version);
        File.WriteAllText(path, manifest.ToJsonString());
    }

    private void Register(string version)
    {
        var beside = Enumerable.Range(0, _beside).Select(i => new JsonObject { ["model"] = Beside(i), ["version"] = "1" });
        var registry = new JsonObject
        {
            ["champion"] = new JsonObject { ["model"] = Champion, ["version"] = version }, ["models"] = new JsonArray([.. beside]),
        };
        var path = System.IO.Path.Combine(Path, ModelRegistry.FileName);
        File.WriteAllText(path + ".new", registry.ToJsonString());
        File.Move(path + ".new", path, overwrite: true);
    }

    private static string Beside(int number) => $"beside-{Text(number)}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
