using System.Globalization;
using System.Text.Json;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;

namespace FraudScoring.Inference.Ensembles;

/// <summary>A model bundle that was read from its folder and checked, but does not run yet.</summary>
/// <param name="Manifest">The manifest.</param>
/// <param name="Hash">
/// SHA-256 of the manifest, hexadecimal. The manifest holds the hashes of all other files, so this identifies the bundle in gates and
/// seals.
/// </param>
/// <param name="Graph">The ONNX graph.</param>
/// <param name="FeatureIndexes">For each feature of the graph, its index in the catalogue.</param>
/// <param name="Thresholds">The manifest's thresholds.</param>
public sealed record ModelBundle(ModelManifest Manifest, string Hash, byte[] Graph, int[] FeatureIndexes, ThresholdTable Thresholds)
{
    private const long MaxFileBytes = 512L * 1024 * 1024;

    /// <summary>The CUDA twin; null if the bundle has none, or was read without it.</summary>
    public byte[]? CudaGraph { get; init; }

    /// <summary>Reads a bundle, and checks every file against its hash and the catalogue against the active one.</summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="catalogue">The active catalogue.</param>
    /// <param name="faults">Receives every fault.</param>
    /// <param name="forDevice">True to keep the CUDA twin in memory as well. It is checked either way.</param>
    public static ModelBundle? Load(string folder, FeatureCatalogue catalogue, Faults faults, bool forDevice = true)
    {
        var before = faults.Count;
        var path = Path.Combine(folder, ModelManifest.FileName);
        if (!File.Exists(path))
        {
            faults.Add(path, "does not exist; a bundle is a folder with manifest.json and the files that it names");
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
        return faults.Count > before ? null
            : new ModelBundle(manifest, HashOf(bytes), kept[ModelManifest.GraphFileName], indexes, thresholds!)
            {
                CudaGraph = kept.GetValueOrDefault(ModelManifest.CudaGraphFileName),
            };
    }

    /// <summary>The hash of the bundle in a folder, even if the bundle is faulty; null if there is none.</summary>
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
            var manifest = JsonSerializer.Deserialize<ModelManifest>(bytes, ModelManifest.Json)
                ?? throw new JsonException("The file contains null.");
            foreach (var name in manifest.NullsWithin())
            {
                faults.Add(path, $"is not a manifest: {name} must not be null or contain null");
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

    /// <summary>The format of a manifest that cannot be read otherwise; null if it names none.</summary>
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

    private static string OtherFormat(int format) => $"has format {format}, but this release reads format {ModelManifest.CurrentFormat}; "
        + (format < ModelManifest.CurrentFormat
            ? "train the bundle again with the command in its MODEL_CARD.md"
            : "upgrade to the newer release that wrote it, or use an older bundle");

    private static void CheckContent(string path, ModelManifest manifest, FeatureCatalogue catalogue, Faults faults)
    {
        if (manifest.Format != ModelManifest.CurrentFormat)
        {
            faults.Add(path, OtherFormat(manifest.Format));
        }
        if (manifest.CatalogueHash != catalogue.Hash)
        {
            faults.Add(path, $"was trained with feature catalogue {manifest.CatalogueHash}, but {catalogue.Hash} is active; "
                + "train it again, or restore its catalogue");
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
            faults.Add(path, "must name at least one member, and each member once");
        }
        if (!manifest.Files.ContainsKey(ModelManifest.GraphFileName))
        {
            faults.Add(path, $"does not name {ModelManifest.GraphFileName} among its files; train or copy the bundle again");
        }
    }

    /// <summary>Checks every file against its hash.</summary>
    /// <returns>The contents of the graphs, by file name.</returns>
    private static Dictionary<string, byte[]> CheckFiles(string folder, ModelManifest manifest, Faults faults, bool forDevice)
    {
        var kept = new Dictionary<string, byte[]>();
        foreach (var (name, expected) in manifest.Files)
        {
            var path = Path.Combine(folder, name);
            if (name != Path.GetFileName(name) || !File.Exists(path) || new FileInfo(path).Length > MaxFileBytes)
            {
                faults.Add(path,
                    "is listed in the manifest, but is not a file of the bundle's folder, or is over 512 MiB; copy the whole bundle again");
                continue;
            }
            var isKept = name == ModelManifest.GraphFileName || (forDevice && name == ModelManifest.CudaGraphFileName);
            var hash = isKept ? HashOf(kept[name] = File.ReadAllBytes(path)) : HashOfFile(path);
            if (hash != expected)
            {
                faults.Add(path, $"was altered: its SHA-256 is {hash}, the manifest names {expected}; copy the whole bundle again");
            }
        }
        return kept;
    }

    // Read in pieces: a graph that is not run would otherwise only be a large array for the garbage collector.
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
            faults.Add(path,
                $"uses features that are not in the catalogue: {string.Join(", ", unknown)}; restore the catalogue it was trained with");
        }
        return indexes;
    }
}
