using FraudScoring.Server.Features;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.Tests.Server.Features;

public sealed class RedisConnectionsTests
{
    [TestCase("redis:6379")]
    [TestCase("redis")]
    [TestCase("10.0.0.1:6379,10.0.0.2:6379")]
    [TestCase("[::1]:6379")]
    [TestCase("redis:6380,ssl=true,password=a:b//c,user=u,connectTimeout=100")]
    [TestCase("sentinel:26379,serviceName=primary")]
    [TestCase("envoy:6379,proxy=Envoyproxy")]
    public void FindConfigurationFault_RightOne_IsNull(string configuration) =>
        Assert.That(RedisConnections.FindConfigurationFault(configuration), Is.Null);

    [TestCase(",,,", "names no server")]
    [TestCase("ssl=true", "names no server")]
    [TestCase("redis://redis:6379", "contains a URL scheme")]
    [TestCase("rediss://user:secret@redis:6379/0", "contains a URL scheme")]
    [TestCase("redis:6379,nonsense=1", "is not a configuration string of StackExchange.Redis")]
    [TestCase("redis:6379,connectTimeout=soon", "is not a configuration string of StackExchange.Redis")]
    [TestCase("redis:6379,ssl=perhaps", "is not a configuration string of StackExchange.Redis")]
    [TestCase("redis:6379,proxy=squid", "is not a configuration string of StackExchange.Redis")]
    public void FindConfigurationFault_WrongOne_SaysWhatInOneLine(string configuration, string fault)
    {
        var found = RedisConnections.FindConfigurationFault(configuration);
        Assert.That(found, Does.Contain(fault).And.Not.Contain("\n"));
    }

    [Test]
    public void Connections_BeforeOpen_AreNotThere()
    {
        using var redis = new RedisConnections(new RedisOptions { Configuration = "redis:6379" }, NullLogger<RedisConnections>.Instance);
        Assert.That(() => redis.Reading, Throws.InvalidOperationException);
        Assert.That(() => redis.Writing, Throws.InvalidOperationException);
        Assert.That((redis.IsCluster, redis.IsProxied), Is.EqualTo((false, false)));
    }

    [Test]
    public void ToString_Options_HidesSecrets() => Assert.That(
        new RedisOptions { Configuration = "redis,password=hush", EntityHashSecret = "hush hush hush hush" }.ToString(),
        Does.Contain("fraud").And.Not.Contain("hush"));
}
