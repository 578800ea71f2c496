using System.Globalization;
using Confluent.Kafka;
using FraudScoring.Server.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>
/// A Redis and a Kafka to test against: the real servers, the same with a cluster of Redis, or the embedded ones. A fixture that must hold
/// on all says <c>[TestFixtureSource(typeof(Backends), nameof(Backends.All))]</c>, takes one of these in its constructor, and awaits
/// <see cref="StartAsync"/> or the half of it that it needs in its one-time set-up.
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

    /// <summary>One for each pair, new for each fixture.</summary>
    public static IEnumerable<TestFixtureData> Both => [Fixture(embedded: false), Fixture(embedded: true)];

    /// <summary>Both, and the real Kafka with a cluster of Redis.</summary>
    public static IEnumerable<TestFixtureData> All => [.. Both, Fixture(embedded: false, cluster: true)];

    /// <summary>The real pair alone, for what only real servers can show.</summary>
    public static Backends Real() => new(embedded: false, cluster: false);

    /// <summary>Whether these are the embedded servers.</summary>
    public bool Embedded => _embedded;

    /// <summary>Differs between fixtures: starts the names of keys, topics and groups, since fixtures share their servers.</summary>
    public string Prefix { get; }

    /// <summary>The configuration string a StackExchange.Redis client connects with.</summary>
    public string RedisConfiguration { get; private set; } = "";

    /// <summary>Addresses a Kafka client connects with.</summary>
    public string BootstrapServers { get; private set; } = "";

    /// <summary>Starts both servers, unless another fixture has, or skips the fixture where one is not installed.</summary>
    public async Task StartAsync()
    {
        await StartRedisAsync();
        await StartKafkaAsync();
    }

    /// <summary>Starts the Redis alone.</summary>
    public async Task StartRedisAsync() =>
        RedisConfiguration = _embedded ? (await Servers.EmbeddedRedisAsync()).Configuration
            : _cluster ? (await Servers.RedisClusterAsync()).Configuration
            : (await Servers.RedisAsync()).Configuration;

    /// <summary>Starts the Kafka alone.</summary>
    public async Task StartKafkaAsync() =>
        BootstrapServers = _embedded
            ? (await Servers.EmbeddedKafkaAsync()).BootstrapServers
            : (await Servers.KafkaAsync()).BootstrapServers;

    /// <summary>
    /// Makes a topic with four partitions (the embedded broker has no other number), unless it did before, and returns its name.
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

    /// <summary>Kafka clients as the service makes them.</summary>
    internal KafkaClients Clients(KafkaOptions options)
    {
        var clients = new KafkaClients(options with { BootstrapServers = BootstrapServers }, NullLoggerFactory.Instance);
        clients.Open();
        return clients;
    }

    /// <summary>Reads a topic from its start to its present end.</summary>
    internal Task<List<ConsumeResult<byte[], byte[]>>> ReadTopicAsync(string topic) => TopicReader.ReadAsync(BootstrapServers, topic);

    /// <inheritdoc />
    public override string ToString() => _embedded ? "embedded" : _cluster ? "cluster" : "real";

    private static TestFixtureData Fixture(bool embedded, bool cluster = false)
    {
        var backends = new Backends(embedded, cluster);
        return new TestFixtureData(backends).SetArgDisplayNames(backends.ToString());
    }
}
