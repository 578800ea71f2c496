using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Fixtures;

public sealed class RedisServerTests
{
    [TestCase("None", "stop", false)]
    [TestCase("Snapshot", "stop", true)]
    [TestCase("Snapshot", "kill", false)]
    [TestCase("AppendOnlyFile", "kill", true)]
    public async Task StartAsync_AfterItEnded_HasWhatItsPersistenceKept(string persistence, string end, bool kept)
    {
        await using var server = await RedisServer.StartNewAsync(Enum.Parse<RedisPersistence>(persistence));
        await using (var client = await ConnectionMultiplexer.ConnectAsync(server.Configuration))
        {
            await client.GetDatabase().StringSetAsync("key", 1);
        }
        await (end == "kill" ? server.KillAsync() : server.StopAsync());
        Assert.That(server.IsRunning, Is.False);
        await server.StartAsync();
        Assert.That(await HasKeyAsync(server), Is.EqualTo(kept));
        await server.FlushAllAsync();
        Assert.That(await HasKeyAsync(server), Is.False);
    }

    private static async Task<bool> HasKeyAsync(RedisServer server)
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        return await client.GetDatabase().KeyExistsAsync("key");
    }
}
