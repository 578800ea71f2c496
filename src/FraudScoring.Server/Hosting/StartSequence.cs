using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Scoring;
using Microsoft.AspNetCore.Hosting.Server;

namespace FraudScoring.Server.Hosting;

/// <summary>
/// Starts the parts of the service in order before the ports open, and stops them in reverse order, also when the start fails halfway.
/// While the service runs, it awaits the consumers and the model watch: if one of them fails, the host stops.
/// </summary>
/// <remarks>
/// The order of a start:
/// 1 CheckPorts makes sure that both ports can be bound.
/// 2 OpenStores opens Redis and Kafka, or starts the embedded ones. A server that is unreachable is connected to later, in the background.
/// 3 FindDevice looks for a GPU.
/// 4 LoadModels reads catalogues, policies and models, and warms the models.
/// 5 StartConsumers starts the producer of decisions and the consumers of both topics.
/// 6 WarmUp scores generated payments along the whole path.
/// Faults of steps 1 to 4 are collected and reported together. Options were checked before the host was built.
/// </remarks>
internal sealed class StartSequence(
    ServerOptions options, RedisConnections redis, KafkaClients kafka, DeploymentHost deployments, ModelWatch watch,
    DecisionProducer decisions, InferenceMonitor monitor, TimeProvider time, IServer server, IHostApplicationLifetime lifetime,
    ILogger<StartSequence> log)
    : BackgroundService, IAsyncDisposable
{
    private bool _isStopped;

    /// <inheritdoc />
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var faults = new Faults();

        // 1 CheckPorts
        ListenPorts.Check(options.Listen, faults);

        // 2 OpenStores
        OpenStores(faults);

        // 3 FindDevice
        var device = FindDevice(faults);

        // 4 LoadModels
        await LoadModelsAsync(options.Inference.ToSettings(device, monitor, time), faults);
        if (faults.Count > 0)
        {
            throw new StartFaultsException(faults);
        }

        // 5 StartConsumers
        decisions.Start();
        await deployments.StartAsync(cancellationToken);
        await base.StartAsync(cancellationToken);

        // 6 WarmUp
        await WarmUp.RunAsync(deployments.All, time, cancellationToken);
        lifetime.ApplicationStarted.Register(() => log.Ready(CallExamples.Text(ServerAddresses.Find(server))));
    }

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isStopped, true))
        {
            return;
        }
        await base.StopAsync(cancellationToken);
        await deployments.StopAsync(cancellationToken);
        await decisions.StopAsync(cancellationToken);
    }

    /// <summary>
    /// Stops what was started. The host disposes services without stopping them when the start fails; consumers would then keep running
    /// with disposed clients.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await await Task.WhenAny(deployments.RunAsync(stoppingToken), watch.RunAsync(stoppingToken));

    private void OpenStores(Faults faults)
    {
        try
        {
            redis.Open();
        }
        catch (Exception e) when (e is StackExchange.Redis.RedisException or System.Net.Sockets.SocketException or ArgumentException)
        {
            faults.Add(RedisOptions.Section, $"the connection cannot be created: {e.Message}; check Redis:Configuration");
        }
        var before = faults.Count;
        options.Kafka.CheckFiles(faults);
        if (faults.Count > before)
        {
            return;
        }
        try
        {
            kafka.Open();
        }
        catch (Exception e) when (e is KafkaException or InvalidOperationException or ArgumentException)
        {
            faults.Add(KafkaOptions.Section, $"cannot be opened: {options.Kafka.NameFiles(e.Message)}");
        }
    }

    private CudaDevice? FindDevice(Faults faults)
    {
        var (device, text) = options.Inference.FindDevice(faults);
        log.DeviceFound(text);
        return device;
    }

    private async Task LoadModelsAsync(EnsembleSettings settings, Faults faults)
    {
        var seals = options.Models.ReadSeals(faults);
        if (options.Models.UserModelsFolder is { Length: > 0 } folder && !Directory.Exists(Path.GetFullPath(folder)))
        {
            faults.Add($"{ModelsOptions.Section}:UserModelsFolder", $"is not a folder: {Path.GetFullPath(folder)}");
        }
        var current = ModelsFolder.Load(options.Scoring.ModelsFolder, seals, settings, faults);
        var next = options.Scoring.NextModelsFolder is { Length: > 0 } nextFolder
            ? ModelsFolder.Load(nextFolder, seals, settings, faults, nameof(ScoringOptions.NextModelsFolder))
            : null;
        if (current is not null && next is not null)
        {
            next.CheckAfter(current, faults);
        }
        if (faults.Count > 0)
        {
            return;
        }
        deployments.Deploy(current!, next);
        await Task.Run(watch.LoadInitial);
    }
}
