using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;

namespace FraudScoring.Training.Inputs;

internal static class CatalogueFile
{
    /// <summary>Loads the catalogue of a models folder.</summary>
    /// <exception cref="InvalidDataException">The catalogue is invalid; the message holds all faults.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static FeatureCatalogue Load(string models) => LoadFile(Path.Combine(models, "features.json"));

    /// <summary>The bytes of a models folder's catalogue.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static byte[] Bytes(string models) => File.ReadAllBytes(Path.Combine(models, "features.json"));

    /// <summary>Loads a catalogue from any path.</summary>
    /// <exception cref="InvalidDataException">The catalogue is invalid; the message holds all faults.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static FeatureCatalogue LoadFile(string path) => InputFile.Load<FeatureCatalogue>(path, CatalogueReader.Parse);
}
