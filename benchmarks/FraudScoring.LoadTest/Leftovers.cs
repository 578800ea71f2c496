using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StackExchange.Redis;

namespace FraudScoring.LoadTest;

/// <summary>What a run leaves on servers that are not its own: keys and topics whose names begin as it chose.</summary>
internal static class Leftovers
{
    private const int KeysAtOnce = 5000;

    /// <summary>Deletes the keys of a prefix. They may be on a cluster, so each is deleted by itself.</summary>
    public static async Task DeleteKeysAsync(string redis, string prefix)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis);
        foreach (var server in connection.GetServers().Where(server => !server.IsReplica))
        {
            foreach (var keys in server.Keys(pattern: $"{prefix}:*", pageSize: KeysAtOnce).Chunk(KeysAtOnce))
            {
                await Task.WhenAll(keys.Select(key => connection.GetDatabase().KeyDeleteAsync(key)));
            }
        }
    }

    /// <summary>Deletes topics.</summary>
    public static async Task DeleteTopicsAsync(string kafka, params string[] topics)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka }).Build();
        try
        {
            await admin.DeleteTopicsAsync(topics);
        }
        catch (DeleteTopicsException e) when (
            e.Results.All(result => result.Error.Code is ErrorCode.NoError or ErrorCode.UnknownTopicOrPart))
        {
            // One that nobody wrote to was never made.
        }
    }
}
