using System.Text;
using System.Text.Json.Nodes;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Inference.Ensembles;

/// <summary>A modifiable copy of the committed bundle.</summary>
internal sealed class BundleFolder : IDisposable
{
    public static string Committed { get; } = RepositoryFiles.Path("models", "payments", "1");

    private readonly string _outer = Directory.CreateTempSubdirectory("bundle-").FullName;

    public BundleFolder()
    {
        Folder = System.IO.Path.Combine(_outer, "payments", "1");
        Directory.CreateDirectory(Folder);
        foreach (var file in Directory.GetFiles(Committed))
        {
            File.Copy(file, Path(System.IO.Path.GetFileName(file)));
        }
    }

    /// <summary>The models folder that contains it.</summary>
    public string Models => _outer;

    public string Folder { get; }

    public string Path(string name) => System.IO.Path.Combine(Folder, name);

    public static string HashOf(byte[] bytes) => ContentHash.Compute(bytes);

    public void ChangeManifest(Action<JsonNode> change)
    {
        var manifest = JsonNode.Parse(File.ReadAllBytes(Path(ModelManifest.FileName)))!;
        change(manifest);
        File.WriteAllText(Path(ModelManifest.FileName), manifest.ToJsonString());
    }

    /// <summary>Replaces the graph and its hash in the manifest.</summary>
    public void ReplaceGraph(byte[] graph)
    {
        File.WriteAllBytes(Path(ModelManifest.GraphFileName), graph);
        ChangeManifest(m => m["files"]![ModelManifest.GraphFileName] = HashOf(graph));
    }

    public ModelBundle? Read(Faults faults) => ModelBundle.Load(Folder, TestCatalogues.Served, faults);

    public List<string> Faults()
    {
        var faults = new Faults();
        var bundle = Read(faults);
        Assert.That(bundle is null, Is.EqualTo(faults.Count > 0));
        return [.. faults.Select(f => f.ToString())];
    }

    public List<string> LoadFaults()
    {
        var faults = new Faults();
        var bundle = Read(faults);
        Assert.That(bundle, Is.Not.Null, () => faults.ToString());
        faults.Clear();
        using var ensemble = Ensemble.Load(bundle!, TestCatalogues.Served.Features.Count, faults);
        Assert.That(ensemble is null, Is.EqualTo(faults.Count > 0));
        return [.. faults.Select(f => f.ToString())];
    }

    public void Dispose() => Directory.Delete(_outer, recursive: true);

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
