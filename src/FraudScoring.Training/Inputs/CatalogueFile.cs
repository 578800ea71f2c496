using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;

namespace FraudScoring.Training.Inputs;

/// <summary>The feature catalogue of a models folder.</summary>
internal static class CatalogueFile
{
    /// <summary>Loads it.</summary>
    /// <exception cref="InvalidDataException">It is faulty; all faults are named.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FeatureCatalogue Load(string models) => LoadFile(Path.Combine(models, "features.json"));

    /// <summary>The bytes of its file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] Bytes(string models) => File.ReadAllBytes(Path.Combine(models, "features.json"));

    /// <summary>Loads a catalogue wherever it is.</summary>
    /// <exception cref="InvalidDataException">It is faulty; all faults are named.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FeatureCatalogue LoadFile(string path) => InputFile.Load<FeatureCatalogue>(path, CatalogueReader.Parse);
}
