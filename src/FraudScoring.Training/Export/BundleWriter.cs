using System.Text;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Export;

/// <summary>Writes model bundles atomically: a bundle's folder is either complete or not there.</summary>
/// <remarks>
/// A bundle is written into NAME.partial and renamed. Replacing takes two renames, since a folder that is not empty cannot be renamed
/// over: the old bundle goes to NAME.replaced first. <see cref="Prepare"/> recovers from a crash at any point between them.
/// </remarks>
internal static class BundleWriter
{
    /// <summary>Writes a bundle with its model card.</summary>
    /// <param name="folder">The bundle's folder. It must not exist unless <paramref name="replace"/> is true.</param>
    /// <param name="graph">The ONNX graph.</param>
    /// <param name="manifest">The manifest. This method fills in the hashes of the files.</param>
    /// <param name="catalogue">The catalogue the model was trained with.</param>
    /// <param name="catalogueBytes">The file of the catalogue.</param>
    /// <param name="replace">True to replace an existing bundle.</param>
    /// <param name="more">Additional files, by name.</param>
    /// <returns>SHA-256 of the graph, hexadecimal.</returns>
    /// <exception cref="IOException">
    /// The folder exists and may not be replaced, it cannot be written, or the catalogue file no longer matches the catalogue.
    /// </exception>
    public static string Write(
        string folder, byte[] graph, ModelManifest manifest, FeatureCatalogue catalogue, byte[] catalogueBytes, bool replace,
        params (string Name, byte[] Bytes)[] more)
    {
        Prepare(folder, replace);
        if (ContentHash.Compute(catalogueBytes) != catalogue.Hash)
        {
            throw new IOException("the feature catalogue changed during training; train the model again");
        }
        var card = Encoding.UTF8.GetBytes(ModelCard.Write(manifest, catalogue.ReferenceCurrency.Code));
        (string Name, byte[] Bytes)[] files =
        [
            (ModelManifest.GraphFileName, graph), (ModelManifest.CardFileName, card), (ModelManifest.CatalogueFileName, catalogueBytes),
            .. more,
        ];
        foreach (var (name, bytes) in files)
        {
            manifest.Files[name] = ContentHash.Compute(bytes);
        }
        Write(folder, [.. files, (ModelManifest.FileName, manifest.ToBytes())]);
        return manifest.Files[ModelManifest.GraphFileName];
    }

    /// <summary>
    /// Removes the leftovers of an interrupted run. If it had moved the old bundle away but not put the new one in its place, the old
    /// bundle is restored.
    /// </summary>
    /// <exception cref="IOException">The folder exists and may not be replaced, or cannot be written.</exception>
    public static void Prepare(string folder, bool replace)
    {
        var (partial, replaced) = WorkFolders(folder);
        if (!Directory.Exists(folder) && Directory.Exists(replaced))
        {
            Directory.Move(replaced, folder);
        }
        Delete(replaced);
        Delete(partial);
        if (Directory.Exists(folder) && !replace)
        {
            throw new IOException($"{folder} exists; use another --version, or --replace");
        }
    }

    private static void Write(string folder, (string Name, byte[] Bytes)[] files)
    {
        var (partial, replaced) = WorkFolders(folder);
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

    private static (string Partial, string Replaced) WorkFolders(string folder)
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
