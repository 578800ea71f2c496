using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Inference.Sealing;

/// <summary>Reads a bundle together with its seal.</summary>
public static class SealedBundle
{
    /// <summary>Reads and checks both.</summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="catalogue">The catalogue in force.</param>
    /// <param name="seals">What the seal must hold.</param>
    /// <param name="faults">Gets all that is wrong.</param>
    /// <param name="forDevice">Whether the graph for a GPU is kept, too.</param>
    public static ModelBundle? Load(
        string folder, FeatureCatalogue catalogue, SealRequirements seals, Faults faults, bool forDevice = true)
    {
        var before = faults.Count;
        var bundle = ModelBundle.Load(folder, catalogue, faults, forDevice);
        // Of the bytes that were read, wherever they could be.
        if ((bundle?.Hash ?? ModelBundle.HashOf(folder)) is { } hash)
        {
            seals.Check(folder, hash, faults);
        }
        return faults.Count > before ? null : bundle;
    }

    /// <summary>Reads and checks both by what lies in the bundle alone: the catalogue is its own copy.</summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="seals">What the seal must hold.</param>
    /// <param name="faults">Gets all that is wrong.</param>
    public static ModelBundle? Load(string folder, SealRequirements seals, Faults faults)
    {
        var path = Path.Combine(folder, ModelManifest.CatalogueFileName);
        if (!File.Exists(path))
        {
            faults.Add(path, "does not exist; a bundle holds the catalogue it was trained with");
            return null;
        }
        var catalogue = CatalogueReader.Parse(File.ReadAllBytes(path), faults);
        return catalogue is null ? null : Load(folder, catalogue, seals, faults);
    }
}
