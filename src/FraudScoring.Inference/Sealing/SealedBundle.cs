using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Inference.Sealing;

/// <summary>Reads and checks a bundle together with its seal.</summary>
public static class SealedBundle
{
    /// <summary>Reads a bundle for the active catalogue.</summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="catalogue">The active catalogue.</param>
    /// <param name="seals">What the seal must hold.</param>
    /// <param name="faults">Receives every fault.</param>
    /// <param name="forDevice">True to keep the CUDA twin in memory as well.</param>
    public static ModelBundle? Load(
        string folder, FeatureCatalogue catalogue, SealRequirements seals, Faults faults, bool forDevice = true)
    {
        var before = faults.Count;
        var bundle = ModelBundle.Load(folder, catalogue, faults, forDevice);
        // The hash of the bytes that were read: hashing the file again could check other bytes than those that are used.
        if ((bundle?.Hash ?? ModelBundle.HashOf(folder)) is { } hash)
        {
            seals.Check(folder, hash, faults);
        }
        return faults.Count > before ? null : bundle;
    }

    /// <summary>Reads a bundle for the catalogue in its own folder.</summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="seals">What the seal must hold.</param>
    /// <param name="faults">Receives every fault.</param>
    public static ModelBundle? Load(string folder, SealRequirements seals, Faults faults)
    {
        var path = Path.Combine(folder, ModelManifest.CatalogueFileName);
        if (!File.Exists(path))
        {
            faults.Add(path, "does not exist; a bundle holds the catalogue it was trained with: copy the whole bundle again");
            return null;
        }
        var catalogue = CatalogueReader.Parse(File.ReadAllBytes(path), faults);
        return catalogue is null ? null : Load(folder, catalogue, seals, faults);
    }
}
