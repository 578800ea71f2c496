using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Rollout;
using FraudScoring.Inference.Sealing;
using FraudScoring.Server.Features;
using FraudScoring.Server.Scoring;

namespace FraudScoring.Server.Deployments;

/// <summary>
/// A models folder, read and checked: the catalogue, the exchange rates, the decision policy and the models of the registry.
/// </summary>
/// <param name="Path">Absolute path of the folder.</param>
/// <param name="Catalogue">The feature catalogue.</param>
/// <param name="Rates">The exchange rates, which are replaced when the file changes.</param>
/// <param name="Policy">The decision policy.</param>
/// <param name="Library">Loads the models, also those of later registries.</param>
/// <param name="Loaded">The models that the registry names.</param>
internal sealed record ModelsFolder(
    string Path, FeatureCatalogue Catalogue, RatesSlot Rates, DecisionPolicy Policy, ModelLibrary Library, LoadedModels Loaded)
{
    /// <summary>The folder's own name, as log lines and errors show it.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(Path));

    /// <summary>Reads a folder, and loads and warms the models its registry names.</summary>
    /// <param name="configured">The folder, relative to the current directory. Empty: the built-in models.</param>
    /// <param name="seals">Requirements on a bundle's seal.</param>
    /// <param name="settings">Where and how models run.</param>
    /// <param name="faults">Receives every fault.</param>
    /// <param name="option">The option of section Scoring that names the folder.</param>
    /// <returns>Null if there are faults.</returns>
    public static ModelsFolder? Load(
        string configured, SealRequirements seals, EnsembleSettings settings, Faults faults,
        string option = nameof(ScoringOptions.ModelsFolder))
    {
        var folder = configured.Length == 0 ? FindBuiltIn() : System.IO.Path.GetFullPath(configured);
        if (!Directory.Exists(folder))
        {
            faults.Add($"{ScoringOptions.Section}:{option}", $"is not a folder: {folder}");
            return null;
        }
        var catalogue = Parse(folder, "features.json", CatalogueReader.Parse, faults);
        var rates = Parse(
            folder, RatesReader.FileName, (bytes, found) => RatesReader.Parse(bytes, catalogue?.ReferenceCurrency, found), faults);
        if (catalogue is null)
        {
            return null;
        }
        var policy = Parse(folder, "policy.json", (bytes, found) => PolicyReader.Parse(bytes, catalogue, found), faults);
        var library = new ModelLibrary(catalogue, seals, settings);
        var loaded = library.LoadRegistry(folder, LoadedModels.Empty, faults);
        return policy is null || loaded is null || rates is null ? null
            : new ModelsFolder(folder, catalogue, new RatesSlot(rates), policy, library, loaded);
    }

    /// <summary>The file of the exchange rates as it is now; null if it is invalid or cannot be read, which adds faults.</summary>
    public ExchangeRates? ReadRates(Faults faults) => Parse(
        Path, RatesReader.FileName, (bytes, found) => RatesReader.Parse(bytes, Catalogue.ReferenceCurrency, found), faults);

    /// <summary>Hash of the file of the exchange rates as it is now; empty if it cannot be read.</summary>
    public string FingerprintOfRates() =>
        ReadFile(System.IO.Path.Combine(Path, RatesReader.FileName), []) is { } bytes ? ContentHash.Compute(bytes) : "";

    /// <summary>Adds a fault for each feature name that would change its meaning if this folder replaced another one.</summary>
    public void CheckAfter(ModelsFolder before, Faults faults)
    {
        var found = new Faults();
        CatalogueChange.Check(before.Catalogue, Catalogue, found);
        faults.AddUnder(Name, found);
    }

    /// <summary>
    /// The built-in models. A build in the repository points to the repository's own folder, so that <c>dotnet run</c> picks up a change
    /// there while it runs. A published program, and a build that was copied to another machine, use the copy next to the program.
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
