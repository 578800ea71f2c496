using System.Globalization;
using System.Text.Json;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;

namespace FraudScoring.Inference.Ensembles;

/// <summary>A model bundle as read from its folder: checked, not yet running.</summary>
/// <param name="Manifest">What it says of itself.</param>
/// <param name="Hash">SHA-256 of the manifest, which holds the hashes of all other files; hexadecimal. What gates and seals speak of.</param>
/// <param name="Graph">Bytes of the ONNX graph.</param>
/// <param name="FeatureIndexes">For each input of the graph, the row index in the catalogue.</param>
/// <param name="Thresholds">The manifest's thresholds.</param>
public sealed record ModelBundle(ModelManifest Manifest, string Hash, byte[] Graph, int[] FeatureIndexes, ThresholdTable Thresholds)
{
    private const long MaxFileBytes = 512L * 1024 * 1024;

    /// <summary>Bytes of the graph for a GPU; null when the bundle has none, or it was read without it.</summary>
    public byte[]? CudaGraph { get; init; }

    /// <summary>Reads and checks a bundle: every file against its hash, the catalogue against the one in force.</summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="catalogue">The catalogue in force.</param>
    /// <param name="faults">Gets all that is wrong.</param>
    /// <param name="forDevice">Whether the graph for a GPU is kept, too. It is checked either way.</param>
    public static ModelBundle? Load(string folder, FeatureCatalogue catalogue, Faults faults, bool forDevice = true)
    {
        var before = faults.Count;
        var path = Path.Combine(folder, ModelManifest.FileName);
        if (!File.Exists(path))
        {
            faults.Add(path, "does not exist; a bundle is a folder with manifest.json and the files it names");
            return null;
        }
        var bytes = File.ReadAllBytes(path);
        if (ReadManifest(path, bytes, faults) is not { } manifest)
        {
            return null;
        }
        CheckContent(path, manifest, catalogue, faults);
        var thresholds = ThresholdTable.Compile(manifest.Thresholds, catalogue.ReferenceCurrency, $"{path} thresholds", faults);
        var kept = CheckFiles(folder, manifest, faults, forDevice);
        var indexes = FindFeatures(path, manifest, catalogue, faults);
        return faults.Count > before ? null : new ModelBundle(manifest, HashOf(bytes), kept[ModelManifest.GraphFileName], indexes, thresholds!)
        {
            CudaGraph = kept.GetValueOrDefault(ModelManifest.CudaGraphFileName),
        };
    }

    /// <summary>The hash of the bundle in a folder, whatever it is worth; null when there is none.</summary>
    public static string? HashOf(string folder)
    {
        var path = Path.Combine(folder, ModelManifest.FileName);
        return File.Exists(path) ? HashOf(File.ReadAllBytes(path)) : null;
    }

    private static string HashOf(byte[] bytes) => ContentHash.Compute(bytes);

    private static ModelManifest? ReadManifest(string path, byte[] bytes, Faults faults)
    {
        var before = faults.Count;
        try
        {
            var manifest = JsonSerializer.Deserialize<ModelManifest>(bytes, ModelManifest.Json) ?? throw new JsonException("The file holds null.");
            foreach (var name in manifest.NullsWithin())
            {
                faults.Add(path, $"is not a manifest: {name} must not hold null");
            }
            return faults.Count > before ? null : manifest;
        }
        catch (JsonException e)
        {
            var format = FormatOf(bytes) ?? ModelManifest.CurrentFormat;
            faults.Add(path, format != ModelManifest.CurrentFormat ? OtherFormat(format) : $"is not a manifest: {e.Message}");
            return null;
        }
    }

    /// <summary>The format of a file that is otherwise unknown.</summary>
    private static int? FormatOf(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("format", out var format)
                && format.ValueKind == JsonValueKind.Number && format.TryGetInt32(out var number) ? number : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string OtherFormat(int format) => $"has format {format}; this release reads format {ModelManifest.CurrentFormat}: "
        + (format < ModelManifest.CurrentFormat ? "train the bundle again; the command is in its MODEL_CARD.md" : "it was made by a newer release");

    private static void CheckContent(string path, ModelManifest manifest, FeatureCatalogue catalogue, Faults faults)
    {
        if (manifest.Format != ModelManifest.CurrentFormat)
        {
            faults.Add(path, OtherFormat(manifest.Format));
        }
        if (manifest.CatalogueHash != catalogue.Hash)
        {
            faults.Add(path, $"was trained with feature catalogue {manifest.CatalogueHash}, but {catalogue.Hash} is in force; "
                + "train it again, or bring its catalogue back");
        }
        foreach (var (field, name) in new[] { ("model", manifest.Model), ("version", manifest.Version) })
        {
            if (!ModelId.IsValidName(name))
            {
                faults.Add($"{path} {field}", ModelId.NameRule);
            }
        }
        if (manifest.Members.Count > EnsembleGraph.MaxMembers)
        {
            faults.Add(path, string.Create(CultureInfo.InvariantCulture,
                $"names {manifest.Members.Count} members; at most {EnsembleGraph.MaxMembers} are supported"));
        }
        if (manifest.Members.Count == 0 || manifest.Members.Distinct().Count() != manifest.Members.Count)
        {
            faults.Add(path, "must name at least one member, each once");
        }
        if (!manifest.Files.ContainsKey(ModelManifest.GraphFileName))
        {
            faults.Add(path, $"does not name {ModelManifest.GraphFileName} among its files");
        }
    }

    /// <summary>Checks every file against its hash.</summary>
    /// <returns>The bytes of those that are run, by name.</returns>
    private static Dictionary<string, byte[]> CheckFiles(string folder, ModelManifest manifest, Faults faults, bool forDevice)
    {
        var kept = new Dictionary<string, byte[]>();
        foreach (var (name, expected) in manifest.Files)
        {
            var path = Path.Combine(folder, name);
            if (name != Path.GetFileName(name) || !File.Exists(path) || new FileInfo(path).Length > MaxFileBytes)
            {
                faults.Add(path, "is named by the manifest but is not a file of the bundle's folder, or is over 512 MiB");
                continue;
            }
            var isKept = name == ModelManifest.GraphFileName || (forDevice && name == ModelManifest.CudaGraphFileName);
            var hash = isKept ? HashOf(kept[name] = File.ReadAllBytes(path)) : HashOfFile(path);
            if (hash != expected)
            {
                faults.Add(path, $"was altered: its SHA-256 is {hash}, the manifest says {expected}");
            }
        }
        return kept;
    }

    // In pieces: a graph that is not run would only be something large for the collector to find again.
    private static string HashOfFile(string path)
    {
        using var file = File.OpenRead(path);
        return ContentHash.Compute(file);
    }

    private static int[] FindFeatures(string path, ModelManifest manifest, FeatureCatalogue catalogue, Faults faults)
    {
        var indexes = manifest.Features.Select(catalogue.IndexOf).ToArray();
        var unknown = manifest.Features.Where((_, i) => indexes[i] < 0).ToList();
        if (unknown.Count > 0)
        {
            faults.Add(path, $"asks for features the catalogue does not have: {string.Join(", ", unknown)}");
        }
        return indexes;
    }
}
