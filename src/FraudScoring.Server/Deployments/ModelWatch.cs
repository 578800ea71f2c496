using FraudScoring.Core.Payments;
using FraudScoring.Inference.Rollout;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Deployments;

/// <summary>
/// Polls the registries, the exchange rates and the folder of user models, and loads, replaces and unloads what has changed. A model takes
/// traffic only once it is loaded and warm; a registry, model or file of rates that is refused leaves the active ones in place.
/// </summary>
/// <remarks>
/// Polls, since file system events are not reliable on network volumes and for the symbolic links of a ConfigMap. The fingerprint of a
/// registry decides whether anything is loaded, so an idle poll costs a few file reads. Loading runs on a <see cref="QuietThread"/>; one
/// poll ends before the next begins, so the fields need no lock.
/// </remarks>
internal sealed class ModelWatch(
    DeploymentHost deployments, ServedModels models, ModelsOptions options, TimeProvider time, ILogger<ModelWatch> log)
{
    private readonly Dictionary<Deployment, string> _seen = [];
    private readonly Dictionary<Deployment, string> _seenRates = [];
    private readonly HashSet<Deployment> _refusedRegistries = [];
    private readonly Dictionary<string, string> _refused = [];
    private readonly LeavingModels _leaving = new();
    private Deployment? _reported;

    /// <summary>Records the fingerprints of the deployed registries, and loads the user models.</summary>
    public void LoadInitial()
    {
        foreach (var deployment in deployments.All)
        {
            _seen[deployment] = ModelLibrary.FingerprintOfRegistry(deployment.Models.Path);
            _seenRates[deployment] = deployment.Models.Rates.Current.Hash;
        }
        ReportPolicy();
        LookAtUserModels();
        Show();
    }

    /// <summary>Applies what has changed since the last poll.</summary>
    public void Look()
    {
        foreach (var deployment in deployments.All)
        {
            LookAtRegistry(deployment);
            LookAtRates(deployment);
        }
        if (deployments.Current != _reported)
        {
            ReportPolicy();
        }
        LookAtUserModels();
        Show();
    }

    /// <summary>Polls every Models:PollSeconds until the service stops; never when that is 0.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var interval = options.PollSeconds == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(options.PollSeconds);
        using var timer = new PeriodicTimer(interval, time);
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
        if (deployment == deployments.Current)
        {
            ReportPolicy();
        }
    }

    /// <summary>Compares the policy in force with that of the champion's training.</summary>
    private void ReportPolicy()
    {
        _reported = deployments.Current;
        if (_reported.Router.Loaded.Champion is { } champion)
        {
            PolicyCheck.Report(log, champion.Ensemble.Bundle.Manifest, _reported.Models.Policy.Hash);
        }
    }

    private void LookAtRates(Deployment deployment)
    {
        var now = deployment.Models.FingerprintOfRates();
        if (_seenRates.TryGetValue(deployment, out var before) && before == now)
        {
            return;
        }
        _seenRates[deployment] = now;
        var faults = new Faults();
        if (deployment.Models.ReadRates(faults) is not { } rates)
        {
            log.RatesRefused(deployment.Models.Name, faults.ToString());
            return;
        }
        deployment.Models.Rates.Current = rates;
        log.RatesReplaced(deployment.Models.Name, rates.Hash[..12]);
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
            // The model it replaces under the same name and version may have been in quarantine.
            ServerMetrics.ModelQuarantined.RemoveLabelled(model.Served.Id.Name, model.Served.Id.Version);
            log.ModelLoaded(model.Served.Id.Name, model.Served.Id.Version, model.Served.Placement,
                model.Served.WhyNotExplained is { } why ? $"its scores cannot be explained: {why}" : "its scores can be explained");
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
