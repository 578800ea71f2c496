using System.Security.Cryptography;
using System.Text.Json;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;

namespace FraudScoring.Inference.Ensembles;

/// <summary>A model bundle as read from its folder: checked, not yet running.</summary>
/// <param name="Manifest">What it says of itself.</param>
/// <param name="Hash">SHA-256 of the manifest, which holds the hashes of all other files; hexadecimal.</param>
/// <param name="Graph">Bytes of the ONNX graph.</param>
/// <param name="FeatureIndexes">For each input of the graph, the row index in the catalogue.</param>
public sealed record ModelBundle(ModelManifest Manifest, string Hash, byte[] Graph, int[] FeatureIndexes)
{
    private const long MaxFileBytes = 512L * 1024 * 1024;

    /// <summary>The manifest's thresholds.</summary>
    public Thresholds Thresholds => new(Manifest.Thresholds.Review, Manifest.Thresholds.Challenge, Manifest.Thresholds.Decline);

    /// <summary>Reads and checks a bundle: every file against its hash, the catalogue against the one in force.</summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="catalogue">The catalogue in force.</param>
    /// <param name="faults">All that is wrong; empty when a bundle is returned.</param>
    public static ModelBundle? Read(string folder, FeatureCatalogue catalogue, out List<Fault> faults)
    {
        faults = [];
        var path = Path.Combine(folder, ModelManifest.FileName);
        if (!File.Exists(path))
        {
            faults.Add(new Fault(path, "does not exist; a bundle is a folder with manifest.json and the files it names"));
            return null;
        }
        var bytes = File.ReadAllBytes(path);
        ModelManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<ModelManifest>(bytes, ModelManifest.Json) ?? throw new JsonException("The file holds null.");
        }
        catch (JsonException e)
        {
            faults.Add(new Fault(path, $"is not a manifest: {e.Message}"));
            return null;
        }
        if (manifest.Features.Contains(null!) || manifest.Members.Contains(null!) || manifest.Files.ContainsValue(null!))
        {
            faults.Add(new Fault(path, "is not a manifest: features, members and files must be texts, not null"));
            return null;
        }
        CheckContent(path, manifest, catalogue, faults);
        var graph = CheckFiles(folder, manifest, faults);
        var indexes = FindFeatures(path, manifest, catalogue, faults);
        return faults.Count > 0 ? null : new ModelBundle(manifest, Convert.ToHexStringLower(SHA256.HashData(bytes)), graph, indexes);
    }

    private static void CheckContent(string path, ModelManifest manifest, FeatureCatalogue catalogue, List<Fault> faults)
    {
        if (manifest.Format != ModelManifest.CurrentFormat)
        {
            faults.Add(new Fault(path, $"has format {manifest.Format}; this release reads format {ModelManifest.CurrentFormat}"));
        }
        if (manifest.CatalogueHash != catalogue.Hash)
        {
            faults.Add(new Fault(path, $"was trained with feature catalogue {manifest.CatalogueHash}, but {catalogue.Hash} is in force; train it again, or bring its catalogue back"));
        }
        if (manifest.Members.Count == 0 || manifest.Members.Distinct().Count() != manifest.Members.Count)
        {
            faults.Add(new Fault(path, "must name at least one member, each once"));
        }
        if (!new Thresholds(manifest.Thresholds.Review, manifest.Thresholds.Challenge, manifest.Thresholds.Decline).AreValid)
        {
            faults.Add(new Fault(path, "has thresholds that are not ascending probabilities: review, challenge, decline"));
        }
        if (!manifest.Files.ContainsKey(ModelManifest.GraphFileName))
        {
            faults.Add(new Fault(path, $"does not name {ModelManifest.GraphFileName} among its files"));
        }
    }

    private static byte[] CheckFiles(string folder, ModelManifest manifest, List<Fault> faults)
    {
        byte[] graph = [];
        foreach (var (name, expected) in manifest.Files)
        {
            var path = Path.Combine(folder, name);
            if (name != Path.GetFileName(name) || !File.Exists(path) || new FileInfo(path).Length > MaxFileBytes)
            {
                faults.Add(new Fault(path, "is named by the manifest but is not a file of the bundle's folder, or is over 512 MiB"));
                continue;
            }
            var bytes = File.ReadAllBytes(path);
            var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
            if (hash != expected)
            {
                faults.Add(new Fault(path, $"was altered: its SHA-256 is {hash}, the manifest says {expected}"));
            }
            graph = name == ModelManifest.GraphFileName ? bytes : graph;
        }
        return graph;
    }

    private static int[] FindFeatures(string path, ModelManifest manifest, FeatureCatalogue catalogue, List<Fault> faults)
    {
        var indexes = manifest.Features.Select(catalogue.IndexOf).ToArray();
        var unknown = manifest.Features.Where((_, i) => indexes[i] < 0).ToList();
        if (unknown.Count > 0)
        {
            faults.Add(new Fault(path, $"asks for features the catalogue does not have: {string.Join(", ", unknown)}"));
        }
        return indexes;
    }
}
