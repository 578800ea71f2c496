using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Rollout;
using FraudScoring.Inference.Sealing;
using FraudScoring.Server.Scoring;

namespace FraudScoring.Server.Deployments;

/// <summary>What a folder of models holds, read and checked: the catalogue, and the policy and the models that were made for it.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Catalogue">The feature catalogue.</param>
/// <param name="Policy">The decision policy.</param>
/// <param name="Library">Loads its models, now and later.</param>
/// <param name="Loaded">The models its registry names.</param>
internal sealed record ModelsFolder(string Path, FeatureCatalogue Catalogue, DecisionPolicy Policy, ModelLibrary Library, LoadedModels Loaded)
{
    /// <summary>Its name in log lines and errors.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(Path));

    /// <summary>Reads a folder, and loads and warms the models its registry names.</summary>
    /// <param name="configured">The folder, relative to the current directory. Empty: the models that come with the program.</param>
    /// <param name="seals">What a bundle's seal must hold.</param>
    /// <param name="settings">Where and how models run.</param>
    /// <param name="faults">Gets everything that is wrong.</param>
    /// <param name="option">The option of section Scoring that names the folder.</param>
    /// <returns>Null when anything is wrong.</returns>
    public static ModelsFolder? Load(
        string configured, SealRequirements seals, EnsembleSettings settings, Faults faults, string option = nameof(ScoringOptions.ModelsFolder))
    {
        var folder = configured.Length == 0 ? FindBuiltIn() : System.IO.Path.GetFullPath(configured);
        if (!Directory.Exists(folder))
        {
            faults.Add($"{ScoringOptions.Section}:{option}", $"is not a folder: {folder}");
            return null;
        }
        var catalogue = Parse(folder, "features.json", CatalogueReader.Parse, faults);
        if (catalogue is null)
        {
            return null;
        }
        var policy = Parse(folder, "policy.json", (bytes, found) => PolicyReader.Parse(bytes, catalogue, found), faults);
        var library = new ModelLibrary(catalogue, seals, settings);
        var loaded = library.LoadRegistry(folder, LoadedModels.Empty, faults);
        return policy is null || loaded is null ? null : new ModelsFolder(folder, catalogue, policy, library, loaded);
    }

    /// <summary>Adds what keeps this folder from following another one: a feature whose name would come to mean something else.</summary>
    public void CheckAfter(ModelsFolder before, Faults faults)
    {
        var found = new Faults();
        CatalogueChange.Check(before.Catalogue, Catalogue, found);
        faults.AddUnder(Name, found);
    }

    /// <summary>
    /// The models that come with the program. A build in the repository names the repository's own folder, so that a change there is seen
    /// while <c>dotnet run</c> runs. A published program, and a build on another machine, use the copy next to the program.
    /// </summary>
    private static string FindBuiltIn()
    {
        var file = System.IO.Path.Combine(AppContext.BaseDirectory, "repository-models.txt");
        var folder = File.Exists(file) ? File.ReadAllText(file).Trim() : "";
        return Directory.Exists(folder) ? folder : System.IO.Path.Combine(AppContext.BaseDirectory, "models");
    }

    private static T? Parse<T>(string folder, string file, Func<ReadOnlyMemory<byte>, Faults, T?> parse, Faults faults)
        where T : class
    {
        if (ReadFile(System.IO.Path.Combine(folder, file), faults) is not { } bytes)
        {
            return null;
        }
        var found = new Faults();
        var parsed = parse(bytes, found);
        faults.AddUnder(file, found);
        return parsed;
    }

    private static byte[]? ReadFile(string path, Faults faults)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(path, $"cannot be read: {e.Message}");
            return null;
        }
    }
}
