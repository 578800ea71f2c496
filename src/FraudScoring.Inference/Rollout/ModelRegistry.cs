using System.Text.Json;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Sealing;

namespace FraudScoring.Inference.Rollout;

/// <summary>Which bundles are in which role: <c>registry.json</c> beside the model folders.</summary>
/// <param name="Champion">The model that decides.</param>
public sealed record ModelRegistry(RegistryEntry? Champion = null)
{
    /// <summary>Name of the registry's file in the models folder.</summary>
    public const string FileName = "registry.json";

    /// <summary>Loads the champion of a models folder.</summary>
    /// <param name="folder">The models folder.</param>
    /// <param name="catalogue">The catalogue in force.</param>
    /// <param name="seals">What its seal must hold.</param>
    /// <param name="faults">All that is wrong; empty when a model is returned.</param>
    /// <param name="settings">Where and how it runs; by default inline on the CPU.</param>
    public static ModelSnapshot? LoadChampion(
        string folder, FeatureCatalogue catalogue, SealRequirements seals, out List<Fault> faults, EnsembleSettings? settings = null)
    {
        var path = Path.Combine(folder, FileName);
        faults = [];
        try
        {
            var registry = JsonSerializer.Deserialize<ModelRegistry>(File.ReadAllBytes(path), ModelManifest.Json);
            if (registry?.Champion is not { Model.Length: > 0, Version.Length: > 0 } champion)
            {
                faults.Add(new Fault(path, "must name a champion: {\"champion\": {\"model\": \"…\", \"version\": \"…\"}}"));
                return null;
            }
            var bundle = SealedBundle.Read(Path.Combine(folder, champion.Model, champion.Version), catalogue, seals, out faults);
            if (bundle is not null && (bundle.Manifest.Model, bundle.Manifest.Version) != (champion.Model, champion.Version))
            {
                faults.Add(new Fault(path, $"names {champion.Model} {champion.Version}, but the bundle there is {bundle.Manifest.Model} {bundle.Manifest.Version}"));
                return null;
            }
            var ensemble = bundle is null ? null : Ensemble.Load(bundle, catalogue.Features.Count, out faults, settings);
            return ensemble is null ? null : new ModelSnapshot(ensemble);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            faults.Add(new Fault(path, $"cannot be read: {e.Message}"));
            return null;
        }
    }
}

/// <summary>A bundle by name and version.</summary>
public sealed record RegistryEntry(string Model = "", string Version = "");
