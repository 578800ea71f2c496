using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;

namespace FraudScoring.Training.Inputs;

/// <summary>The feature catalogue of a models folder.</summary>
internal static class CatalogueFile
{
    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">It is faulty; all faults are named.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FeatureCatalogue Read(string models) => ReadFile(Path.Combine(models, "features.json"));

    /// <summary>The bytes of its file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] Bytes(string models) => File.ReadAllBytes(Path.Combine(models, "features.json"));

    /// <summary>Reads a catalogue wherever it is.</summary>
    /// <exception cref="InvalidDataException">It is faulty; all faults are named.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FeatureCatalogue ReadFile(string path) => InputFile.Read<FeatureCatalogue>(path, CatalogueReader.Parse);
}
