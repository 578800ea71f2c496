using System.Text;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Export;

/// <summary>Writes a model bundle: all of it or nothing.</summary>
internal static class BundleWriter
{
    /// <summary>Writes the files into a new folder, which appears under its name only when it is whole.</summary>
    /// <param name="folder">The bundle's folder; must not exist, unless it may be replaced.</param>
    /// <param name="graph">The ONNX graph.</param>
    /// <param name="manifest">The manifest; the hashes of the files are filled in here, and the model card is written from it.</param>
    /// <param name="catalogue">The catalogue the model was trained with.</param>
    /// <param name="catalogueBytes">Its file.</param>
    /// <param name="replace">Replace a bundle that is there.</param>
    /// <param name="more">Other files, by name.</param>
    /// <returns>SHA-256 of the graph, hexadecimal.</returns>
    /// <exception cref="IOException">The folder exists and may not be replaced, or cannot be written; or the catalogue is another one by now.</exception>
    public static string Write(
        string folder, byte[] graph, ModelManifest manifest, FeatureCatalogue catalogue, byte[] catalogueBytes, bool replace,
        params (string Name, byte[] Bytes)[] more)
    {
        Prepare(folder, replace);
        if (ContentHash.Compute(catalogueBytes) != catalogue.Hash)
        {
            throw new IOException("the feature catalogue was changed while the model was trained; train it again");
        }
        var card = Encoding.UTF8.GetBytes(ModelCard.Write(manifest, catalogue.ReferenceCurrency.Code));
        (string Name, byte[] Bytes)[] files =
        [
            (ModelManifest.GraphFileName, graph), (ModelManifest.CardFileName, card), (ModelManifest.CatalogueFileName, catalogueBytes), .. more,
        ];
        foreach (var (name, bytes) in files)
        {
            manifest.Files[name] = ContentHash.Compute(bytes);
        }
        Write(folder, [.. files, (ModelManifest.FileName, manifest.ToBytes())]);
        return manifest.Files[ModelManifest.GraphFileName];
    }

    /// <summary>
    /// Clears away what a run that was cut short left beside the folder: when it had put the old bundle aside and not yet the new one in
    /// its place, the old one comes back.
    /// </summary>
    /// <exception cref="IOException">The folder exists and may not be replaced, or cannot be written.</exception>
    public static void Prepare(string folder, bool replace)
    {
        var (partial, replaced) = Beside(folder);
        if (!Directory.Exists(folder) && Directory.Exists(replaced))
        {
            Directory.Move(replaced, folder);
        }
        Delete(replaced);
        Delete(partial);
        if (Directory.Exists(folder) && !replace)
        {
            throw new IOException($"{folder} exists; give another --version, or --replace");
        }
    }

    private static void Write(string folder, (string Name, byte[] Bytes)[] files)
    {
        var (partial, replaced) = Beside(folder);
        Directory.CreateDirectory(partial);
        try
        {
            foreach (var (name, bytes) in files)
            {
                File.WriteAllBytes(Path.Combine(partial, name), bytes);
            }
            if (Directory.Exists(folder))
            {
                Directory.Move(folder, replaced);
            }
            Directory.Move(partial, folder);
        }
        catch
        {
            Prepare(folder, replace: true);
            throw;
        }
        Delete(replaced);
    }

    private static (string Partial, string Replaced) Beside(string folder)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return (path + ".partial", path + ".replaced");
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
