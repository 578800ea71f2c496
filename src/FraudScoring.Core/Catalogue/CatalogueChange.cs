using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>Guards the names of features: models ask for features by name, so a name must not come to mean something else.</summary>
public static class CatalogueChange
{
    /// <summary>Adds one fault for each feature that is in both catalogues and means something else in the second.</summary>
    public static void Check(FeatureCatalogue before, FeatureCatalogue after, Faults faults)
    {
        foreach (var feature in after.Features)
        {
            var meant = before.IndexOf(feature.Name) is >= 0 and var old ? before.Features[old].Meaning : feature.Meaning;
            if (meant != feature.Meaning)
            {
                faults.Add(
                    $"$.features[{feature.Index}]",
                    $"{feature.Name} meant \"{meant}\" and would mean \"{feature.Meaning}\"; give the new meaning a new name");
            }
        }
    }
}
