using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using FraudScoring.TestKit.Services;
using Spectre.Console;

namespace FraudScoring.LoadTest.Scores;

/// <summary>
/// The service in a process of its own with the product's defaults, a history in its profiles, and Redis and Kafka next to it.
/// </summary>
internal sealed class ScoredService : IAsyncDisposable
{
    private const int Partitions = 8;
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(20), StillLimit = TimeSpan.FromMinutes(1);

    private readonly LoadSettings _settings;
    private readonly LocalServers _servers;
    private readonly string? _processors;
    private readonly string _prefix = $"score-{Guid.NewGuid():N}"[..20];
    private readonly string _spool;
    private ServerProcess? _floor;

    private ScoredService(LoadSettings settings, LocalServers servers, string? processors)
    {
        (_settings, _servers, _processors) = (settings, servers, processors);
        _spool = Directory.CreateDirectory(Path.Combine(servers.Folder, "spool")).FullName;
        Traffic = new SimulatedTraffic(settings.Customers, settings.Days, TimeProvider.System);
    }

    public SimulatedTraffic Traffic { get; }

    public LocalServers Servers => _servers;

    public ServiceProcess Process { get; private set; } = null!;

    public string TransactionsTopic => $"{_prefix}.transactions";

    public string LabelsTopic => $"{_prefix}.labels";

    /// <summary>Starts the servers, writes the history, starts the service and waits until the history is in its profiles.</summary>
    /// <param name="settings">Servers and traffic.</param>
    /// <param name="processors">Processors of all servers, as taskset takes them; null for all.</param>
    /// <param name="progress">Shows how far it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ScoredService> StartAsync(
        LoadSettings settings, string? processors, ProgressContext progress, CancellationToken cancellationToken)
    {
        var bar = progress.AddTask("Starting Redis and Kafka", maxValue: 1);
        var servers = await LocalServers.StartAsync(settings.Redis, settings.Kafka, processors);
        bar.Increment(1);
        var service = new ScoredService(settings, servers, processors);
        try
        {
            await service.FillAsync(progress, cancellationToken);
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the service and starts it again, with other options than by default.</summary>
    public async Task RestartAsync(IReadOnlyDictionary<string, string> others)
    {
        await Process.StopAsync();
        await Process.DisposeAsync();
        await StartServiceAsync(others);
    }

    /// <summary>Starts the floor, and returns its port.</summary>
    public async Task<int> StartFloorAsync()
    {
        var port = Ports.Free();
        _floor = ServerProcess.Start(
            "dotnet", _servers.Folder,
            [Path.Combine(AppContext.BaseDirectory, "FraudScoring.Floor.dll"), $"{port}", _servers.Redis], processors: _processors);
        using var caller = FloorCaller(port, ReadyLimit);
        await _floor.UntilReadyAsync(
            async () => (await caller.CallAsync(FloorCall.Message, CancellationToken.None)).Outcome == Outcome.Scored, ReadyLimit);
        return port;
    }

    /// <summary>A caller of the service.</summary>
    public ICaller Caller(TimeSpan deadline) => _settings.IsStreaming
        ? new StreamCaller(Process.GrpcPort, _settings.Connections)
        : UnaryCaller.OfService(Process.GrpcPort, deadline, _settings.Connections, Answer.OfService);

    /// <summary>A caller of the service whose payments are refused on arrival, because their deadline has passed.</summary>
    public ICaller RefusedCaller(TimeSpan deadline) => UnaryCaller.OfService(
        Process.GrpcPort, deadline, _settings.Connections, Answer.OfService, TimeSpan.FromMicroseconds(1));

    /// <summary>A caller of the floor.</summary>
    public ICaller FloorCaller(int port, TimeSpan deadline) =>
        new UnaryCaller(port, "/fraud.floor.FloorService/Score", deadline, _settings.Connections, Answer.OfFloor);

    /// <summary>The processor times of the service, Redis, Kafka and this process.</summary>
    public ProcessorTimes Processors() => ProcessorTimes.Read(Process.Id, _servers.RedisProcess, _servers.KafkaProcess);

    /// <summary>The same with the floor in place of the service.</summary>
    public ProcessorTimes FloorProcessors() => ProcessorTimes.Read(_floor!.Id, _servers.RedisProcess, _servers.KafkaProcess);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _floor?.Dispose();
        if (Process is not null)
        {
            await Process.DisposeAsync();
        }
        if (_settings.Redis.Length > 0)
        {
            await Leftovers.DeleteKeysAsync(_settings.Redis, _prefix);
        }
        if (_settings.Kafka.Length > 0)
        {
            await Leftovers.DeleteTopicsAsync(_settings.Kafka, TransactionsTopic, LabelsTopic, $"{_prefix}.decisions");
        }
        await _servers.DisposeAsync();
    }

    private async Task FillAsync(ProgressContext progress, CancellationToken cancellationToken)
    {
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _servers.Kafka }).Build())
        {
            await admin.CreateTopicsAsync([.. new[] { TransactionsTopic, LabelsTopic }.Select(topic =>
                new TopicSpecification { Name = topic, NumPartitions = Partitions, ReplicationFactor = 1 })]);
        }
        var (payments, labels) = await Task.Run(() => Write(progress, cancellationToken), cancellationToken);
        await StartServiceAsync(new Dictionary<string, string>());
        var bar = progress.AddTask("Loading the history", maxValue: payments + labels);
        for (var lastProgress = Stopwatch.GetTimestamp(); !bar.IsFinished;)
        {
            await Task.Delay(LookPause, cancellationToken);
            var applied = await Process.MetricAsync("fraud_events_applied_total");
            lastProgress = applied > bar.Value ? Stopwatch.GetTimestamp() : lastProgress;
            bar.Value = applied;
            if (Stopwatch.GetElapsedTime(lastProgress) > StillLimit)
            {
                throw new InvalidOperationException(
                    $"The service has applied {applied} of {bar.MaxValue} records, and none for {StillLimit}. It logged:\n{Process.Log}");
            }
        }
    }

    private (long Payments, long Labels) Write(ProgressContext progress, CancellationToken cancellationToken)
    {
        // About two payments per customer and day.
        var bar = progress.AddTask("Simulating and writing the history", maxValue: 2.0 * _settings.Customers * _settings.Days);
        using var producer = new RecordProducer(_servers.Kafka);
        var (payments, labels) = (0L, 0L);
        foreach (var record in Traffic.History())
        {
            cancellationToken.ThrowIfCancellationRequested();
            producer.Produce(record.IsLabel ? LabelsTopic : TransactionsTopic, record.Message);
            (payments, labels) = record.IsLabel ? (payments, labels + 1) : (payments + 1, labels);
            bar.Increment(record.IsLabel ? 0 : 1);
        }
        producer.Flush(cancellationToken);
        bar.Value = bar.MaxValue;
        return (payments, labels);
    }

    private async Task StartServiceAsync(IReadOnlyDictionary<string, string> others)
    {
        var options = new Dictionary<string, string>
        {
            ["Redis:Configuration"] = _servers.Redis, ["Redis:KeyPrefix"] = _prefix,
            ["Redis:EntityHashSecret"] = "load tests need no secret",
            ["Kafka:BootstrapServers"] = _servers.Kafka, ["Kafka:GroupId"] = _prefix, ["Kafka:TransactionsTopic"] = TransactionsTopic,
            ["Kafka:LabelsTopic"] = LabelsTopic, ["Kafka:DecisionsTopic"] = $"{_prefix}.decisions",
            ["Spool:Mode"] = "OnOutage", ["Spool:Folder"] = _spool, ["Logging:LogLevel:Default"] = "Warning",
        };
        foreach (var (name, value) in others)
        {
            options[name] = value;
        }
        Process = await ServiceProcess.StartNewAsync(_prefix, options, processors: _processors);
    }
}
