using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>
/// Checks that no feature name changes its meaning: models request features by name, and would silently read other values.
/// </summary>
public static class CatalogueChange
{
    /// <summary>Adds a fault for each feature that both catalogues define with different meanings.</summary>
    public static void Check(FeatureCatalogue before, FeatureCatalogue after, Faults faults)
    {
        foreach (var feature in after.Features)
        {
            var meant = before.IndexOf(feature.Name) is >= 0 and var old ? before.Features[old].Meaning : feature.Meaning;
            if (meant != feature.Meaning)
            {
                faults.Add(
                    $"$.features[{feature.Index}]",
                    $"changes the meaning of {feature.Name} from \"{meant}\" to \"{feature.Meaning}\"; "
                        + "add a feature with a new name instead");
            }
        }
    }
}
