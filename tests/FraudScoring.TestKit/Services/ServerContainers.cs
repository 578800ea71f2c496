using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Testcontainers.Kafka;
using Testcontainers.Redis;

namespace FraudScoring.TestKit.Services;

/// <summary>
/// Runs Redis and Apache Kafka in containers, for a machine that has neither installed but runs a Docker engine. Testcontainers removes the
/// containers when this process ends, even after a crash.
/// </summary>
/// <remarks>
/// Not tested yet: only the case without a Docker engine was run. Tests that kill, freeze or restart a server need a local installation,
/// because they cannot send signals to a container or access its files.
/// </remarks>
internal static class ServerContainers
{
    private const string RedisImage = "redis:7.4-alpine", KafkaImage = "apache/kafka:4.1.0";

    /// <summary>Starts Redis. Returns null if no Docker engine responds.</summary>
    /// <returns>The configuration string for StackExchange.Redis.</returns>
    public static async Task<string?> StartRedisAsync() =>
        (await StartAsync(() => new RedisBuilder(RedisImage).Build()))?.GetConnectionString();

    /// <summary>Starts Kafka. Returns null if no Docker engine responds.</summary>
    /// <returns>
    /// The address as host:port. <see cref="KafkaContainer.GetBootstrapAddress"/> adds a scheme that the service does not accept.
    /// </returns>
    public static async Task<string?> StartKafkaAsync() =>
        await StartAsync(() => new KafkaBuilder(KafkaImage).WithEnvironment("KAFKA_NUM_PARTITIONS", "4").Build()) is { } kafka
            ? FormattableString.Invariant($"{kafka.Hostname}:{kafka.GetMappedPublicPort(KafkaBuilder.KafkaPort)}")
            : null;

    private static async Task<T?> StartAsync<T>(Func<T> build)
        where T : class, IContainer
    {
        try
        {
            var container = build();
            await container.StartAsync();
            return container;
        }
        catch (DockerUnavailableException)
        {
            return null;
        }
    }
}
