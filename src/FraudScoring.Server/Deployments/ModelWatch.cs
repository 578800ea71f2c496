using FraudScoring.Core.Payments;
using FraudScoring.Inference.Rollout;
using FraudScoring.Server.Hosting;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Deployments;

/// <summary>
/// Looks at the registries and at the folder of user models from time to time, and loads, replaces and unloads what has changed, off
/// the path: a model takes traffic when it is loaded and warm, and what cannot be loaded leaves what is in force as it is.
/// </summary>
internal sealed class ModelWatch(DeploymentHost lines, ServedModels models, ServerConfiguration configuration, TimeProvider time, ILogger<ModelWatch> log)
    : BackgroundService
{
    private readonly Dictionary<Deployment, string> _seen = [];
    private readonly Dictionary<string, string> _refused = [];
    private readonly LeavingModels _leaving = new();

    /// <inheritdoc />
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var line in lines.All)
        {
            _seen[line] = ModelLibrary.FingerprintOfRegistry(line.Models.Path);
        }
        await Task.Run(LookAtUserModels, cancellationToken);
        Show();
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Takes over what has changed since the last look.</summary>
    public void Look()
    {
        foreach (var line in lines.All)
        {
            LookAtRegistry(line);
        }
        LookAtUserModels();
        Show();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (configuration.ModelsOptions.PollSeconds == 0)
        {
            return;
        }
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(configuration.ModelsOptions.PollSeconds), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await QuietThread.RunAsync(Look);
        }
    }

    private void LookAtRegistry(Deployment line)
    {
        var now = ModelLibrary.FingerprintOfRegistry(line.Models.Path);
        if (_seen.TryGetValue(line, out var before) && before == now)
        {
            return;
        }
        _seen[line] = now;
        var shelf = line.Models.Library.LoadRegistry(line.Models.Path, line.Router.Loaded, out var faults);
        if (shelf is null)
        {
            ServerMetrics.ModelChanges.WithLabels("refused").Inc();
            log.RegistryRefused(line.Models.Name, Fault.Join(faults));
            return;
        }
        Replace(line.Router, shelf);
        if (line == lines.Current && shelf.Champion is { } champion)
        {
            PolicyReport.Tell(log, champion.Ensemble.Bundle.Manifest, line.Models.Policy.Hash);
        }
    }

    private void LookAtUserModels()
    {
        var name = configuration.ModelsOptions.UserModelsFolder;
        if (name.Length == 0)
        {
            return;
        }
        var folder = Path.Combine(AppContext.BaseDirectory, name);
        var shelf = lines.Current.Models.Library.LoadAll(folder, models.UserModels.Loaded, _refused, out var faults);
        foreach (var fault in faults)
        {
            ServerMetrics.ModelChanges.WithLabels("refused").Inc();
            log.ModelRefused(fault.ToString());
        }
        Replace(models.UserModels, shelf);
    }

    private void Replace(ModelRouter router, LoadedModels shelf)
    {
        var before = router.Loaded;
        var (added, gone) = (shelf.All.Except(before.All).ToList(), before.All.Except(shelf.All).ToList());
        if (added.Count == 0 && gone.Count == 0 && shelf.Champion == before.Champion)
        {
            return;
        }
        router.Replace(shelf);
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
        if (shelf.Champion is { } champion && champion != before.Champion)
        {
            log.ChampionChanged(champion.Served.Id.Name, champion.Served.Id.Version);
        }
    }

    private void Show()
    {
        ServerMetrics.ModelsLoaded.Set(models.All.Count());
        _leaving.Look(lines.All.SelectMany(line => line.Router.Loaded.All).Concat(models.UserModels.Loaded.All));
    }
}
