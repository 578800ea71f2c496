using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Export;

/// <summary>Writes a model bundle: all of it or nothing.</summary>
internal static class BundleWriter
{
    /// <summary>Name of the model card in a bundle.</summary>
    public const string ModelCardFileName = "MODEL_CARD.md";

    /// <summary>Writes the files into a new folder, which appears under its name only when it is whole.</summary>
    /// <param name="folder">The bundle's folder; must not exist, unless it may be replaced.</param>
    /// <param name="graph">The ONNX graph.</param>
    /// <param name="manifest">The manifest; the hashes of the files are filled in here.</param>
    /// <param name="modelCard">The model card.</param>
    /// <param name="replace">Replace a bundle that is there.</param>
    /// <returns>SHA-256 of the graph, hexadecimal.</returns>
    /// <exception cref="IOException">The folder exists and may not be replaced, or cannot be written.</exception>
    public static string Write(string folder, byte[] graph, ModelManifest manifest, string modelCard, bool replace)
    {
        if (Directory.Exists(folder) && !replace)
        {
            throw new IOException($"{folder} exists; give another --version, or --replace");
        }
        var partial = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + ".partial";
        Directory.CreateDirectory(partial);
        try
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(graph));
            manifest.Files[ModelManifest.GraphFileName] = hash;
            manifest.Files[ModelCardFileName] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(modelCard)));
            File.WriteAllBytes(Path.Combine(partial, ModelManifest.GraphFileName), graph);
            File.WriteAllText(Path.Combine(partial, ModelCardFileName), modelCard);
            File.WriteAllText(Path.Combine(partial, ModelManifest.FileName), JsonSerializer.Serialize(manifest, ModelManifest.Json) + "\n");
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
            Directory.Move(partial, folder);
            return hash;
        }
        catch
        {
            Directory.Delete(partial, recursive: true);
            throw;
        }
    }
}
