using System.Globalization;
using System.Text;
using Confluent.Kafka;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Profiles;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Features;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Recovery;

/// <summary>
/// Writes a history to its own topics in parts, starts services that consume it, waits until they have caught up, and audits their
/// profiles.
/// </summary>
internal sealed class HistoryLog : IAsyncDisposable
{
    private const string Secret = "a secret of the tests";
    private const int LabelPartitions = 4;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly KafkaBroker _broker;
    private readonly string _redisConfiguration;
    private readonly string _prefix;
    private readonly int _partitions;
    private readonly SimulatedHistory _history;
    private readonly Task<ProfileAudit> _audit;
    private readonly ProfileKeys _keys;
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly List<ServiceProcess> _services = [];
    private int _started;
    private ConnectionMultiplexer? _redis;
    private int _undelivered;

    private HistoryLog(KafkaBroker broker, string redisConfiguration, string name, int partitions, SimulatedHistory history)
    {
        (_broker, _redisConfiguration, _prefix, _partitions, _history) = (broker, redisConfiguration, name, partitions, history);
        var models = Path.Combine(AppContext.BaseDirectory, "models");
        var catalogue = CatalogueReader.Parse(File.ReadAllBytes(Path.Combine(models, "features.json")), new())!;
        var rates = RatesReader.Parse(File.ReadAllBytes(Path.Combine(models, RatesReader.FileName)), new())!;
        var hasher = new EntityHasher(Encoding.UTF8.GetBytes(Secret));
        _keys = new ProfileKeys(catalogue, hasher, _prefix, new Erasures());
        _audit = Task.Run(() => new ProfileAudit(catalogue, rates, hasher, _prefix, history));
        _producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = broker.BootstrapServers, EnableIdempotence = true, Partitioner = Partitioner.Murmur2Random, LingerMs = 5,
            QueueBufferingMaxMessages = 1_000_000, DeliveryReportFields = "none",
        }).SetLogHandler((_, _) => { }).Build();
    }

    /// <summary>The number of records written so far.</summary>
    public int Written { get; private set; }

    /// <summary>Whether the whole history is written.</summary>
    public bool IsWritten => Written == _history.Records.Count;

    public IReadOnlyList<ServiceProcess> Services => _services;

    /// <summary>Creates the topics for a new history.</summary>
    /// <param name="broker">The broker of the topics.</param>
    /// <param name="redisConfiguration">The Redis that stores the profiles.</param>
    /// <param name="name">Prefix of topics, groups and keys.</param>
    /// <param name="payments">Number of payments.</param>
    /// <param name="partitions">Number of partitions of the transactions topic.</param>
    /// <param name="labelsNameTokens">Whether all labels carry their tokens, so that none waits for its transaction.</param>
    public static async Task<HistoryLog> CreateAsync(
        KafkaBroker broker, string redisConfiguration, string name, int payments, int partitions = 4, bool labelsNameTokens = false)
    {
        var log = new HistoryLog(broker, redisConfiguration, name, partitions, SimulatedHistory.Draw(payments, seed: 7, labelsNameTokens));
        await broker.CreateTopicAsync(log.Transactions, partitions);
        await broker.CreateTopicAsync(log.Labels, LabelPartitions);
        await broker.CreateTopicAsync(log.Decisions, 1);
        log._redis = await ConnectionMultiplexer.ConnectAsync(redisConfiguration + ",abortConnect=false");
        return log;
    }

    private string Transactions => _prefix + ".transactions";

    private string Labels => _prefix + ".labels";

    /// <summary>The topic of the decisions.</summary>
    public string Decisions => _prefix + ".decisions";

    /// <summary>Starts another service that consumes the history.</summary>
    /// <param name="settings">Options that differ from the usual ones.</param>
    public async Task<ServiceProcess> StartServiceAsync(params (string Option, string Value)[] settings)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{_prefix}-{Interlocked.Increment(ref _started)}");
        var options = new Dictionary<string, string>
        {
            ["Redis:Configuration"] = _redisConfiguration + ",connectTimeout=1000",
            ["Redis:EntityHashSecret"] = Secret,
            ["Redis:KeyPrefix"] = _prefix,
            ["Kafka:BootstrapServers"] = _broker.BootstrapServers,
            ["Kafka:GroupId"] = _prefix,
            ["Kafka:TransactionsTopic"] = Transactions,
            ["Kafka:LabelsTopic"] = Labels,
            ["Kafka:DecisionsTopic"] = Decisions,
            ["Logging:LogLevel:Default"] = "Warning",
        };
        foreach (var (option, value) in settings)
        {
            options[option] = value;
        }
        var service = await ServiceProcess.StartNewAsync(name, options, output: TestContext.Out);
        lock (_services)
        {
            _services.Add(service);
        }
        return service;
    }

    /// <summary>Kills a service, removes it from its consumer groups, and restarts it.</summary>
    public async Task CrashAsync(ServiceProcess service)
    {
        var dead = service.ClientId;
        await service.KillAsync();
        await Task.WhenAll(service.StartAsync(), ConsumerGroup.RemoveAsync(_broker.BootstrapServers, dead));
    }

    /// <summary>Freezes a service and lets the brokers assign its partitions to others.</summary>
    public Task FreezeAsync(ServiceProcess service) => Eventually.IsTrueAsync(async () =>
    {
        service.Freeze();
        var isMember = await ConsumerGroup.RemoveAsync(_broker.BootstrapServers, service.ClientId) > 0;
        if (!isMember)
        {
            // It has not rejoined since it was last frozen.
            service.Thaw();
        }
        return isMember;
    });

    /// <summary>Writes the next part of the history without waiting for the broker.</summary>
    /// <param name="share">The fraction of the whole history.</param>
    public void Write(double share)
    {
        var until = Math.Min(_history.Records.Count, Written + (int)Math.Ceiling(_history.Records.Count * share));
        for (; Written < until; Written++)
        {
            var record = _history.Records[Written];
            var message = new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(record.Key), Value = record.Value };
            _producer.Produce(record.IsLabel ? Labels : Transactions, message,
                report => Interlocked.Add(ref _undelivered, report.Error.IsError ? 1 : 0));
        }
    }

    /// <summary>Waits until services have applied more records than now, or all that are written.</summary>
    public async Task UntilMoreAsync()
    {
        var ends = await EndsAsync();
        var (_, before) = await PositionAsync(ends);
        await UntilAsync(ends, (isAll, sum) => isAll || sum > before);
    }

    /// <summary>Waits until every marker in Redis has reached the end of the log.</summary>
    public async Task UntilAllAsync()
    {
        await UntilAsync(await EndsAsync(), (isAll, _) => isAll);
        // Labels that waited for their payments are published again once the payments are applied, which extends the log.
        await UntilNoneWaitsAsync();
        await UntilAsync(await EndsAsync(), (isAll, _) => isAll);
    }

    /// <summary>Waits until no label waits for its payment, or until a timeout. The audit reports missing labels.</summary>
    private async Task UntilNoneWaitsAsync()
    {
        for (var clock = System.Diagnostics.Stopwatch.StartNew(); clock.Elapsed < Limit / 3;)
        {
            var waiting = await Task.WhenAll(
                Enumerable.Range(0, EntityKey.Buckets).Select(bucket => _redis!.GetDatabase().HashLengthAsync(_keys.Parked(bucket))));
            if (waiting.Sum() == 0)
            {
                return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    /// <summary>Fails the test unless every profile matches the history.</summary>
    public async Task AuditAsync()
    {
        Assert.That(IsWritten, Is.True);
        var audit = await _audit;
        var differences = await audit.CompareAsync(_redis!);
        await TestContext.Out.WriteLineAsync(
            $"{audit.Total} profiles of {_history.Payments.Count} payments and {_history.Labels.Count} labels were compared.");
        Assert.That(differences, Is.Empty, string.Join('\n', differences));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }
        _producer.Dispose();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    private async Task UntilAsync(Dictionary<int, long> ends, Func<bool, long, bool> isEnough)
    {
        var (isAll, sum) = await PositionAsync(ends);
        for (var clock = System.Diagnostics.Stopwatch.StartNew(); !isEnough(isAll, sum);)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50));
            var before = sum;
            (isAll, sum) = await PositionAsync(ends);
            if (sum != before)
            {
                clock.Restart();
            }
            Assert.That(clock.Elapsed, Is.LessThan(Limit),
                $"no records were applied; the markers are at {sum} of {ends.Values.Sum() * EntityKey.Buckets}");
        }
    }

    /// <summary>The end offsets of all non-empty partitions, by the source number used in markers.</summary>
    private Task<Dictionary<int, long>> EndsAsync() => Task.Run(() =>
    {
        _producer.Flush(Limit);
        Assert.That(_undelivered, Is.Zero, "records that the broker did not accept");
        var config = new ConsumerConfig { BootstrapServers = _broker.BootstrapServers, GroupId = "ends" };
        var partitions = Enumerable.Range(0, _partitions).Select(partition => (Topic: 0, Name: Transactions, Partition: partition))
            .Concat(Enumerable.Range(0, LabelPartitions).Select(partition => (Topic: 1, Name: Labels, Partition: partition)));
        return partitions.Select(p => (
                Source: AppliedOffsets.SourceOf(p.Topic, p.Partition),
                End: EndOf(config, new TopicPartition(p.Name, p.Partition))))
            .Where(p => p.End > 0).ToDictionary(p => p.Source, p => p.End);
    });

    /// <summary>The end of a partition. A broker that was just thawed may not know its partitions for a moment.</summary>
    private static long EndOf(ConsumerConfig config, TopicPartition partition)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            using var client = new ConsumerBuilder<byte[], byte[]>(config).Build();
            try
            {
                return client.QueryWatermarkOffsets(partition, Limit).High.Value;
            }
            catch (KafkaException e) when (e.Error.Code is ErrorCode.Local_UnknownPartition or ErrorCode.LeaderNotAvailable
                && clock.Elapsed < Limit)
            {
                client.Consume(TimeSpan.FromMilliseconds(200));
            }
        }
    }

    /// <summary>Whether all markers have reached the ends, and their sum.</summary>
    private async Task<(bool IsAll, long Sum)> PositionAsync(Dictionary<int, long> ends)
    {
        try
        {
            var markers = await Task.WhenAll(
                Enumerable.Range(0, EntityKey.Buckets).Select(bucket => _redis!.GetDatabase().HashGetAllAsync(_keys.Marker(bucket))));
            var positions = markers.SelectMany(marker => MarkerFields.Offsets(marker)).ToLookup(field => field.Source, field => field.Next);
            return (ends.All(end => positions[end.Key].Count(position => position >= end.Value) == EntityKey.Buckets),
                ends.Sum(end => positions[end.Key].Sum()));
        }
        catch (Exception e) when (RedisRetry.IsTransient(e))
        {
            return (false, 0);
        }
    }
}
