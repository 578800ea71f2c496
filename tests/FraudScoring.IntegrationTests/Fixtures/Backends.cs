using System.Globalization;
using Confluent.Kafka;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>
/// A Redis and a Kafka to test with: real servers, real servers with a Redis Cluster, or embedded ones. A fixture that runs with all of
/// them is marked with <c>[TestFixtureSource(typeof(Backends), nameof(Backends.All))]</c>, accepts a <see cref="Backends"/> in its
/// constructor, and calls <see cref="StartAsync"/>, or the half of it that it needs, in its one-time set-up.
/// </summary>
public sealed class Backends
{
    private static int _fixtures;

    private readonly bool _embedded;
    private readonly bool _cluster;
    private readonly HashSet<string> _topics = [];

    private Backends(bool embedded, bool cluster)
    {
        (_embedded, _cluster) = (embedded, cluster);
        Prefix = string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _fixtures)}-");
    }

    /// <summary>One instance per pair of servers, new for each fixture.</summary>
    public static IEnumerable<TestFixtureData> Both => [Fixture(embedded: false), Fixture(embedded: true)];

    /// <summary>Both pairs, and the real Kafka with a Redis Cluster.</summary>
    public static IEnumerable<TestFixtureData> All => [.. Both, Fixture(embedded: false, cluster: true)];

    /// <summary>The real servers alone, for behaviour that only they have.</summary>
    public static Backends Real() => new(embedded: false, cluster: false);

    /// <summary>Whether the servers are embedded.</summary>
    public bool Embedded => _embedded;

    /// <summary>A prefix for keys, topics and groups. It is unique per fixture, because fixtures share their servers.</summary>
    public string Prefix { get; }

    /// <summary>The configuration string for StackExchange.Redis.</summary>
    public string RedisConfiguration { get; private set; } = "";

    public string BootstrapServers { get; private set; } = "";

    /// <summary>Starts both servers unless another fixture has started them. Skips the fixture if one is not installed.</summary>
    public async Task StartAsync()
    {
        await StartRedisAsync();
        await StartKafkaAsync();
    }

    /// <summary>Starts only Redis.</summary>
    public async Task StartRedisAsync() =>
        RedisConfiguration = _embedded ? (await Servers.EmbeddedRedisAsync()).Configuration
            : _cluster ? (await Servers.RedisClusterAsync()).Configuration
            : (await Servers.RedisAsync()).Configuration;

    /// <summary>Starts only Redis, and connects to it as the service does.</summary>
    internal async Task<RedisConnections> OpenRedisAsync()
    {
        await StartRedisAsync();
        var redis = new RedisConnections(new RedisOptions { Configuration = RedisConfiguration }, NullLogger<RedisConnections>.Instance);
        redis.Open();
        return redis;
    }

    /// <summary>Starts only Kafka.</summary>
    public async Task StartKafkaAsync() =>
        BootstrapServers = _embedded
            ? (await Servers.EmbeddedKafkaAsync()).BootstrapServers
            : (await Servers.KafkaAsync()).BootstrapServers;

    /// <summary>
    /// Creates a topic with four partitions, the only number the embedded broker supports, unless it exists. Returns its name.
    /// </summary>
    public async Task<string> TopicAsync(string name)
    {
        var topic = Prefix + name;
        if (!_embedded && _topics.Add(topic))
        {
            await (await Servers.KafkaAsync()).CreateTopicAsync(topic, 4);
        }
        return topic;
    }

    /// <summary>Creates Kafka clients in the same way as the service.</summary>
    internal KafkaClients Clients(KafkaOptions options)
    {
        var clients = new KafkaClients(options with { BootstrapServers = BootstrapServers }, NullLoggerFactory.Instance);
        clients.Open();
        return clients;
    }

    /// <summary>Reads a topic from its start to its current end.</summary>
    internal Task<List<ConsumeResult<byte[], byte[]>>> ReadTopicAsync(string topic) => TopicReader.ReadAsync(BootstrapServers, topic);

    /// <inheritdoc />
    public override string ToString() => _embedded ? "embedded" : _cluster ? "cluster" : "real";

    private static TestFixtureData Fixture(bool embedded, bool cluster = false)
    {
        var backends = new Backends(embedded, cluster);
        return new TestFixtureData(backends).SetArgDisplayNames(backends.ToString());
    }
}
