using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.IntegrationTests;

/// <summary>The servers shared by all tests. Each starts on first use and stops after the last test.</summary>
[SetUpFixture]
internal sealed class Servers
{
    private static readonly Shared<RedisServer> RealRedis = new(RedisServer.StartSharedAsync);
    private static readonly Shared<RedisCluster> RealCluster = new(RedisCluster.StartNewAsync);
    private static readonly Shared<KafkaBroker> RealKafka = new(KafkaBroker.StartSharedAsync);
    private static readonly Shared<KafkaBroker> FailingKafka = new(() => KafkaBroker.StartNewAsync());
    private static readonly Shared<EmbeddedRedis> InProcessRedis = new(() => Task.FromResult(EmbeddedRedis.Start(NullLogger.Instance)));
    private static readonly Shared<EmbeddedKafka> InProcessKafka = new(() => Task.FromResult(EmbeddedKafka.Start(NullLogger.Instance)));

    /// <summary>The redis-server. A test that stops or flushes a server starts its own instead.</summary>
    public static Task<RedisServer> RedisAsync() => RealRedis.GetAsync();

    /// <summary>The Redis Cluster. A test that moves hash slots or stops a node starts its own instead.</summary>
    public static Task<RedisCluster> RedisClusterAsync() => RealCluster.GetAsync();

    /// <summary>The Apache Kafka broker. A test that stops a broker starts its own instead.</summary>
    public static Task<KafkaBroker> KafkaAsync() => RealKafka.GetAsync();

    /// <summary>
    /// The Apache Kafka broker for tests that kill, stop or freeze it. Each uses topics of its own, and leaves the broker running.
    /// </summary>
    public static async Task<KafkaBroker> FailingKafkaAsync()
    {
        var broker = await FailingKafka.GetAsync();
        // A test that failed may have left it frozen or killed.
        await broker.ReviveAsync();
        return broker;
    }

    public static Task<EmbeddedRedis> EmbeddedRedisAsync() => InProcessRedis.GetAsync();

    public static Task<EmbeddedKafka> EmbeddedKafkaAsync() => InProcessKafka.GetAsync();

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await RealKafka.DisposeAsync();
        await FailingKafka.DisposeAsync();
        await RealRedis.DisposeAsync();
        await RealCluster.DisposeAsync();
        await InProcessKafka.DisposeAsync();
        await InProcessRedis.DisposeAsync();
    }

    private sealed class Shared<T>(Func<Task<T>> start) : IAsyncDisposable
        where T : class
    {
        private readonly SemaphoreSlim _gate = new(1);
        private T? _server;

        public async Task<T> GetAsync()
        {
            await _gate.WaitAsync();
            try
            {
                return _server ??= await start();
            }
            finally
            {
                _gate.Release();
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_server is IAsyncDisposable server)
            {
                await server.DisposeAsync();
            }
            else
            {
                (_server as IDisposable)?.Dispose();
            }
            _gate.Dispose();
        }
    }
}
