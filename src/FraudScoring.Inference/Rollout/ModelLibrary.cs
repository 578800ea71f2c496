using System.Globalization;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Sealing;
using FraudScoring.Inference.UserModels;

namespace FraudScoring.Inference.Rollout;

/// <summary>
/// Loads models from folders <c>&lt;name&gt;/&lt;version&gt;</c>. Models whose files have not changed are kept as they run.
/// </summary>
/// <remarks>
/// Loading runs outside the request path: a new set is read, checked and warmed while the current one serves. <see cref="ModelRouter"/>
/// then swaps it in with one assignment. A model that is in both sets is the same object, with its quarantine, device and leases.
/// </remarks>
/// <param name="catalogue">The active feature catalogue.</param>
/// <param name="seals">What a bundle's seal must hold.</param>
/// <param name="settings">Where and how models run; by default on the CPU, on the caller's thread.</param>
public sealed class ModelLibrary(FeatureCatalogue catalogue, SealRequirements seals, EnsembleSettings? settings = null)
{
    /// <summary>Loads all models that a folder's registry names. If one fails, none is used and the current models stay.</summary>
    /// <param name="folder">The models folder.</param>
    /// <param name="loaded">The models loaded now.</param>
    /// <param name="faults">Receives every fault.</param>
    public LoadedModels? LoadRegistry(string folder, LoadedModels loaded, Faults faults)
    {
        ArgumentNullException.ThrowIfNull(loaded);
        var before = faults.Count;
        var path = Path.Combine(folder, ModelRegistry.FileName);
        if (ModelRegistry.Load(path, faults) is not { } registry)
        {
            return null;
        }
        var models = new List<ModelSnapshot>();
        foreach (var id in registry.All)
        {
            if (Load(Path.Combine(folder, id.Name, id.Version), id, loaded, faults) is { } model)
            {
                models.Add(model);
            }
        }
        if (faults.Count == before && !models[0].IsBundle)
        {
            faults.Add(path, $"names the champion {registry.Champion}, which is not a bundle; only a bundle can decide on payments");
        }
        if (faults.Count > before)
        {
            models.Where(model => !loaded.All.Contains(model)).ToList().ForEach(model => model.Return());
            return null;
        }
        return new LoadedModels(models[0], models);
    }

    /// <summary>
    /// Loads every model in a folder. A model that fails to load is left out, or stays as it was; the others are not affected.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="loaded">The models loaded now.</param>
    /// <param name="refused">
    /// Models that failed to load, by folder, with the fingerprint of their files. They are not tried again until it changes.
    /// </param>
    /// <param name="faults">Receives every fault.</param>
    public LoadedModels LoadAll(string folder, LoadedModels loaded, IDictionary<string, string> refused, Faults faults)
    {
        ArgumentNullException.ThrowIfNull(loaded);
        ArgumentNullException.ThrowIfNull(refused);
        var models = new List<ModelSnapshot>();
        var folders = Folders(folder, faults);
        foreach (var (path, id) in folders)
        {
            var now = FingerprintOf(path);
            var found = new Faults();
            var isKnownBad = refused.TryGetValue(path, out var before) && before == now;
            var model = isKnownBad ? null : Load(path, id, loaded, found);
            refused.Remove(path);
            if (isKnownBad || found.Count > 0)
            {
                refused[path] = now;
            }
            faults.AddRange(found);
            // A model stays loaded when its replacement is faulty.
            model ??= loaded.Find(id.Name, id.Version);
            if (model is not null)
            {
                models.Add(model);
            }
        }
        foreach (var path in refused.Keys.Except(folders.Select(model => model.Path)).ToList())
        {
            refused.Remove(path);
        }
        return new LoadedModels(null, models);
    }

    /// <summary>Fingerprint of a folder's registry and of the files of the models it names, without loading them.</summary>
    public static string FingerprintOfRegistry(string folder)
    {
        var path = Path.Combine(folder, ModelRegistry.FileName);
        try
        {
            var text = File.ReadAllText(path);
            var named = ModelRegistry.Load(path, [])?.All ?? [];
            return string.Join('\n', named.Select(id => FingerprintOf(Path.Combine(folder, id.Name, id.Version))).Prepend(text));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    /// <summary>Fingerprint of the files of a folder, without reading them: names, sizes and times.</summary>
    public static string FingerprintOf(string folder)
    {
        try
        {
            var files = new DirectoryInfo(folder).EnumerateFiles().OrderBy(file => file.Name, StringComparer.Ordinal);
            return string.Join('\n', files.Select(file =>
            {
                // In a mounted ConfigMap the files are links: an update changes their targets, not the links.
                var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
                return string.Create(CultureInfo.InvariantCulture,
                    $"{file.Name} {target.FullName} {(target.Exists ? target.Length : -1)} {target.LastWriteTimeUtc.Ticks}");
            }));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private ModelSnapshot? Load(string folder, ModelId id, LoadedModels loaded, Faults faults)
    {
        var fingerprint = FingerprintOf(folder);
        if (loaded.Find(id.Name, id.Version) is { } same && same.Fingerprint == fingerprint)
        {
            return same;
        }
        var model = LoadModel(folder, id, faults);
        return model is null ? null : new ModelSnapshot(model, fingerprint);
    }

    private IServedModel? LoadModel(string folder, ModelId id, Faults faults)
    {
        if (File.Exists(Path.Combine(folder, ModelManifest.FileName)))
        {
            return LoadBundle(folder, id, faults);
        }
        if (seals.Signature || seals.Gates || seals.Approvals > 0)
        {
            faults.Add(folder,
                "is not a bundle, and only bundles can be sealed, which Models:RequireSignature, Models:RequireGates or "
                    + "Models:RequiredApprovals demands here; serve it from a service without these options");
            return null;
        }
        return OnnxModel.Load(id, folder, faults, settings);
    }

    private BundleModel? LoadBundle(string folder, ModelId id, Faults faults)
    {
        try
        {
            var bundle = SealedBundle.Load(folder, catalogue, seals, faults, forDevice: settings?.Device is not null);
            if (bundle is not null && bundle.Manifest.Id != id)
            {
                faults.Add(folder,
                    $"holds the bundle {bundle.Manifest.Id}; move it to the folder {bundle.Manifest.Id.Name}/{bundle.Manifest.Id.Version}");
                return null;
            }
            var ensemble = bundle is null ? null : Ensemble.Load(bundle, catalogue.Features.Count, faults, settings);
            return ensemble is null ? null : new BundleModel(ensemble);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(folder, $"cannot be read: {e.Message}");
            return null;
        }
    }

    private static List<(string Path, ModelId Id)> Folders(string folder, Faults faults)
    {
        try
        {
            return [.. from name in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)
                from version in Directory.EnumerateDirectories(name).Order(StringComparer.Ordinal)
                let id = new ModelId(Path.GetFileName(name), Path.GetFileName(version))
                where id.IsValid
                select (version, id)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(folder, $"cannot be read: {e.Message}");
            return [];
        }
    }
}
