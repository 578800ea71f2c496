using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Server.Admission;
using FraudScoring.Server.Api.Json;
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
/// 2 OpenStores opens the spools, Redis and Kafka, or starts the embedded ones. A server that is unreachable is connected to later, in the
/// background.
/// 3 FindDevice looks for a GPU.
/// 4 LoadModels reads catalogues, policies and models, and warms the models.
/// 5 CheckStores checks that Redis keeps what it is given, and that Kafka has the topics and grants the rights.
/// 6 StartConsumers starts the producers of decisions and dead letters, and the consumers of both topics.
/// 7 WarmUp scores generated payments along the whole path, while the erasures are read.
/// Faults of steps 1 to 5 are collected and reported together. Options were checked before the host was built.
/// <para>
/// A stop begins in three places at the same time. The API refuses new requests and ends its streams. The web server waits for calls in
/// progress, at most for the host's shutdown timeout. Consumers leave their groups, so that other instances take over their partitions.
/// Then the decisions that still wait are delivered, within Kafka:DrainTimeoutSeconds: the last of them comes from the last call.
/// </para>
/// </remarks>
internal sealed class StartSequence(
    ServerOptions options, RedisConnections redis, KafkaClients kafka, DeploymentHost deployments, ModelWatch watch,
    StoreCheck stores, DecisionProducer decisions, DeadLetterProducer deadLetters, InferenceMonitor monitor, QueueProbe probe,
    TimeProvider time,
    IServer server, IHostApplicationLifetime lifetime, ILogger<StartSequence> log)
    : BackgroundService, IAsyncDisposable
{
    private static readonly TimeSpan ConsumersLimit = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private Task? _consumersStop;
    private bool _isStopped;

    /// <inheritdoc />
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var faults = new Faults();

        // 1 CheckPorts
        ListenPorts.Check(options.Listen, faults);

        // 2 OpenStores
        var areOpen = OpenStores(faults);

        // 3 FindDevice
        var device = FindDevice(faults);

        // 4 LoadModels
        await LoadModelsAsync(options.Inference.ToSettings(device, monitor, time), faults);

        // 5 CheckStores
        if (areOpen)
        {
            await stores.RunAsync(faults);
        }
        if (faults.Count > 0)
        {
            throw new StartFaultsException(faults);
        }

        // 6 StartConsumers
        decisions.Start();
        deadLetters.Start();
        await deployments.StartAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
        lifetime.ApplicationStopping.Register(() => _ = StopConsumersAsync());

        // 7 WarmUp
        JsonApi.WarmUp();
        await WarmUp.RunAsync(deployments.All, time, cancellationToken);
        await deployments.WaitForErasuresAsync(cancellationToken);
        probe.Start();
        lifetime.ApplicationStarted.Register(() => log.Ready(CallExamples.Text(ServerAddresses.Find(server))));
    }

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isStopped, true))
        {
            return;
        }
        // Not the host's token: calls may have used up its time.
        await Task.WhenAll(StopConsumersAsync(), decisions.StopAsync());
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
        await await Task.WhenAny(
            deployments.RunAsync(stoppingToken), watch.RunAsync(stoppingToken), stores.WatchAsync(stoppingToken));

    /// <summary>Stops the consumers, once.</summary>
    private Task StopConsumersAsync()
    {
        lock (_gate)
        {
            return _consumersStop ??= StopInOrderAsync();
        }

        async Task StopInOrderAsync()
        {
            using var limit = new CancellationTokenSource(ConsumersLimit, time);
            // First, so that consumers that end are not mistaken for a next deployment that has caught up.
            await base.StopAsync(limit.Token);
            await deployments.StopAsync(limit.Token);
        }
    }

    /// <returns>False if one of them cannot be opened.</returns>
    private bool OpenStores(Faults faults)
    {
        var before = faults.Count;
        decisions.Open(faults);
        if (faults.Count == before)
        {
            // What is wrong with the folder or the key is reported once.
            deadLetters.Open(faults);
        }
        UnusedSpools.Report(options.Kafka, options.Spool, log);
        try
        {
            redis.Open();
        }
        catch (Exception e) when (e is StackExchange.Redis.RedisException or System.Net.Sockets.SocketException or ArgumentException)
        {
            faults.Add(RedisOptions.Section, $"the connection cannot be created: {e.Message}; check Redis:Configuration");
        }
        var files = new Faults();
        options.Kafka.CheckFiles(files);
        faults.AddRange(files);
        if (files.Count > 0)
        {
            return false;
        }
        try
        {
            kafka.Open();
        }
        catch (Exception e) when (e is KafkaException or InvalidOperationException or ArgumentException)
        {
            faults.Add(KafkaOptions.Section, $"cannot be opened: {options.Kafka.NameFiles(e.Message)}");
        }
        return faults.Count == before;
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
