using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Testcontainers.Kafka;
using Testcontainers.Redis;

namespace FraudScoring.TestKit.Services;

/// <summary>
/// Redis and Apache Kafka in containers, for a machine that has neither installed but runs a Docker engine. Testcontainers removes them
/// when this process ends, however it ends.
/// </summary>
/// <remarks>
/// Not tested yet: only the case without a Docker engine was run. Tests that kill, freeze or restart a server need its program, because the
/// signals and the files of a container are out of their reach.
/// </remarks>
internal static class ServerContainers
{
    private const string RedisImage = "redis:7.4-alpine", KafkaImage = "apache/kafka:4.1.0";

    /// <summary>Starts Redis; null if no Docker engine responds.</summary>
    /// <returns>Its configuration string for StackExchange.Redis.</returns>
    public static async Task<string?> StartRedisAsync() =>
        (await StartAsync(() => new RedisBuilder(RedisImage).Build()))?.GetConnectionString();

    /// <summary>Starts Kafka; null if no Docker engine responds.</summary>
    /// <returns>Its address, as host:port: <see cref="KafkaContainer.GetBootstrapAddress"/> adds a scheme that the service does not
    /// take.</returns>
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
