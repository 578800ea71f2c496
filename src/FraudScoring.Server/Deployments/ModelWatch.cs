using FraudScoring.Core.Payments;
using FraudScoring.Inference.Rollout;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Deployments;

/// <summary>
/// Looks at the registries and at the folder of user models from time to time, and loads, replaces and unloads what has changed, off
/// the path: a model takes traffic when it is loaded and warm, and what cannot be loaded leaves what is in force as it is.
/// </summary>
internal sealed class ModelWatch(
    DeploymentHost deployments, ServedModels models, ModelsOptions options, TimeProvider time, ILogger<ModelWatch> log)
{
    private readonly Dictionary<Deployment, string> _seen = [];
    private readonly HashSet<Deployment> _refusedRegistries = [];
    private readonly Dictionary<string, string> _refused = [];
    private readonly LeavingModels _leaving = new();

    /// <summary>Remembers the registries as they were deployed, and loads the user models.</summary>
    public void LoadInitial()
    {
        foreach (var deployment in deployments.All)
        {
            _seen[deployment] = ModelLibrary.FingerprintOfRegistry(deployment.Models.Path);
        }
        if (deployments.Current.Models.Loaded.Champion is { } champion)
        {
            PolicyCheck.Report(log, champion.Ensemble.Bundle.Manifest, deployments.Current.Models.Policy.Hash);
        }
        LookAtUserModels();
        Show();
    }

    /// <summary>Takes over what has changed since the last look.</summary>
    public void Look()
    {
        foreach (var deployment in deployments.All)
        {
            LookAtRegistry(deployment);
        }
        LookAtUserModels();
        Show();
    }

    /// <summary>Looks again and again, until the service stops.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(options.PollSeconds == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(options.PollSeconds), time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            await QuietThread.RunAsync(Look);
        }
    }

    private void LookAtRegistry(Deployment deployment)
    {
        var now = ModelLibrary.FingerprintOfRegistry(deployment.Models.Path);
        if (_seen.TryGetValue(deployment, out var before) && before == now)
        {
            return;
        }
        _seen[deployment] = now;
        var faults = new Faults();
        var loaded = deployment.Models.Library.LoadRegistry(deployment.Models.Path, deployment.Router.Loaded, faults);
        if (loaded is null)
        {
            ServerMetrics.ModelChanges.WithLabels("refused").Inc();
            log.RegistryRefused(deployment.Models.Name, faults.ToString());
            _refusedRegistries.Add(deployment);
            return;
        }
        if (_refusedRegistries.Remove(deployment))
        {
            log.RegistryAccepted(deployment.Models.Name);
        }
        Replace(deployment.Router, loaded);
        if (deployment == deployments.Current && loaded.Champion is { } champion)
        {
            PolicyCheck.Report(log, champion.Ensemble.Bundle.Manifest, deployment.Models.Policy.Hash);
        }
    }

    private void LookAtUserModels()
    {
        var name = options.UserModelsFolder;
        if (name.Length == 0)
        {
            return;
        }
        var folder = Path.GetFullPath(name);
        var faults = new Faults();
        var loaded = deployments.Current.Models.Library.LoadAll(folder, models.UserModels.Loaded, _refused, faults);
        foreach (var fault in faults)
        {
            ServerMetrics.ModelChanges.WithLabels("refused").Inc();
            log.ModelRefused(fault.ToString());
        }
        Replace(models.UserModels, loaded);
    }

    private void Replace(ModelRouter router, LoadedModels loaded)
    {
        var before = router.Loaded;
        var (added, gone) = (loaded.All.Except(before.All).ToList(), before.All.Except(loaded.All).ToList());
        if (added.Count == 0 && gone.Count == 0 && loaded.Champion == before.Champion)
        {
            return;
        }
        router.Replace(loaded);
        foreach (var model in added)
        {
            ServerMetrics.ModelChanges.WithLabels("loaded").Inc();
            // What stood in its place under the same name may have been in quarantine.
            ServerMetrics.ModelQuarantined.RemoveLabelled(model.Served.Id.Name, model.Served.Id.Version);
            log.ModelLoaded(model.Served.Id.Name, model.Served.Id.Version, model.Served.Placement,
                model.Served.WhyNotExplained is { } why ? $"it is not explained, since {why}" : "it is explained");
        }
        foreach (var model in gone)
        {
            ServerMetrics.ModelChanges.WithLabels("unloaded").Inc();
            log.ModelUnloaded(model.Served.Id.Name, model.Served.Id.Version);
        }
        if (loaded.Champion is { } champion && champion != before.Champion)
        {
            log.ChampionChanged(champion.Served.Id.Name, champion.Served.Id.Version);
        }
    }

    private void Show()
    {
        ServerMetrics.ModelsLoaded.Set(models.All.Count());
        _leaving.Look(deployments.All.SelectMany(deployment => deployment.Router.Loaded.All).Concat(models.UserModels.Loaded.All));
    }
}
