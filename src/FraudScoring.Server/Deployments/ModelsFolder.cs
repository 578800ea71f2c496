using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Rollout;
using FraudScoring.Inference.Sealing;

namespace FraudScoring.Server.Deployments;

/// <summary>What a folder of models holds, read and checked: the catalogue, and the policy and the models that were made for it.</summary>
/// <param name="Name">The folder, as it was configured.</param>
/// <param name="Catalogue">The feature catalogue.</param>
/// <param name="Policy">The decision policy.</param>
/// <param name="Library">Loads its models, now and later.</param>
/// <param name="Shelf">The models its registry names.</param>
internal sealed record ModelsFolder(string Name, FeatureCatalogue Catalogue, DecisionPolicy Policy, ModelLibrary Library, LoadedModels Shelf)
{
    /// <summary>Where it is.</summary>
    public string Path => System.IO.Path.Combine(AppContext.BaseDirectory, Name);

    /// <summary>The model in force.</summary>
    public ModelSnapshot Champion => Shelf.Champion!;

    /// <summary>Reads a folder, relative to the program's own.</summary>
    /// <returns>Null when anything is wrong; all of it is added to the faults.</returns>
    public static ModelsFolder? Read(string name, SealRequirements seals, EnsembleSettings settings, List<Fault> faults)
    {
        var folder = System.IO.Path.Combine(AppContext.BaseDirectory, name);
        var catalogue = ReadFile(System.IO.Path.Combine(folder, "features.json"), faults) is { } features
            ? Collect(CatalogueReader.Read(features, out var f), f, "features.json", faults)
            : null;
        if (catalogue is null)
        {
            return null;
        }
        var policy = ReadFile(System.IO.Path.Combine(folder, "policy.json"), faults) is { } rules
            ? Collect(PolicyReader.Read(rules, catalogue, out f), f, "policy.json", faults)
            : null;
        var library = new ModelLibrary(catalogue, seals, settings);
        var shelf = library.LoadRegistry(folder, LoadedModels.Empty, out f);
        faults.AddRange(f);
        return policy is null || shelf is null ? null : new ModelsFolder(name, catalogue, policy, library, shelf);
    }

    private static T? Collect<T>(T? value, List<Fault> found, string file, List<Fault> faults)
    {
        faults.AddRange(found.Select(fault => fault with { Field = $"{file} {fault.Field}" }));
        return value;
    }

    private static byte[]? ReadFile(string path, List<Fault> faults)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(new Fault(path, $"cannot be read: {e.Message}"));
            return null;
        }
    }
}
