using System.Text.Json;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Inference.Rollout;

/// <summary>The models to load, and the champion: <c>registry.json</c> in the models folder.</summary>
/// <param name="Champion">The model that decides.</param>
/// <param name="Models">Further models, which score requests that name them.</param>
public sealed record ModelRegistry(ModelId? Champion = null, IReadOnlyList<ModelId>? Models = null)
{
    /// <summary>File name of the registry in the models folder.</summary>
    public const string FileName = "registry.json";

    /// <summary>All models named, the champion first, each once.</summary>
    public IEnumerable<ModelId> All => (Champion is null ? [] : new[] { Champion }).Concat(Models ?? []).Distinct();

    /// <summary>Reads a registry.</summary>
    /// <param name="path">The file.</param>
    /// <param name="faults">Receives every fault.</param>
    public static ModelRegistry? Load(string path, Faults faults)
    {
        var before = faults.Count;
        try
        {
            var registry = JsonSerializer.Deserialize<ModelRegistry>(File.ReadAllBytes(path), ModelManifest.Json);
            if (registry?.Champion is not { } champion || !champion.IsValid)
            {
                faults.Add(path, "must name a champion: {\"champion\": {\"model\": \"…\", \"version\": \"…\"}}");
            }
            foreach (var (i, entry) in (registry?.Models ?? []).Index())
            {
                if (entry is null || !entry.IsValid)
                {
                    faults.Add($"{path} models[{i}]",
                        $"must be {{\"model\": \"…\", \"version\": \"…\"}}, for the folder model/version; each {ModelId.NameRule}");
                }
                else if ((registry!.Models ?? []).Take(i).Contains(entry))
                {
                    faults.Add($"{path} models[{i}]", "repeats an earlier entry; remove it");
                }
            }
            return faults.Count > before ? null : registry;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            faults.Add(path, $"cannot be read: {e.Message}");
            return null;
        }
    }
}
