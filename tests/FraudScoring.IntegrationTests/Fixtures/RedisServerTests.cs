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
        await SetAsync(server, "key");
        await (end == "kill" ? server.KillAsync() : server.StopAsync());
        Assert.That(server.IsRunning, Is.False);
        await server.StartAsync();
        Assert.That(await HasKeyAsync(server), Is.EqualTo(kept));
        await server.FlushAllAsync();
        Assert.That(await HasKeyAsync(server), Is.False);
    }

    [Test]
    public async Task SaveSnapshotAsync_ThenACrash_BringsBackThatMoment()
    {
        await using var server = await RedisServer.StartNewAsync();
        await SetAsync(server, "key");
        await server.SaveSnapshotAsync();
        await SetAsync(server, "later");
        await server.KillAsync();
        await server.StartAsync();
        Assert.That(await HasKeyAsync(server), Is.True);
        Assert.That(await HasKeyAsync(server, "later"), Is.False);
    }

    [Test]
    public async Task PromoteAsync_AfterThePrimaryCrashed_HasWhatItFollowed()
    {
        await using var primary = await RedisServer.StartNewAsync();
        await using var replica = await RedisServer.StartNewAsync();
        await SetAsync(primary, "key");
        await replica.FollowAsync(primary);
        await primary.KillAsync();
        await replica.PromoteAsync();
        Assert.That(await HasKeyAsync(replica), Is.True);
        await SetAsync(replica, "later");
        Assert.That(await HasKeyAsync(replica, "later"), Is.True);
    }

    private static async Task SetAsync(RedisServer server, string key)
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        await client.GetDatabase().StringSetAsync(key, 1);
    }

    private static async Task<bool> HasKeyAsync(RedisServer server, string key = "key")
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        return await client.GetDatabase().KeyExistsAsync(key);
    }
}
