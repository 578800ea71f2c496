using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Features;

/// <summary>Buckets that were written with different secrets.</summary>
public sealed class SecretStateTests
{
    private static readonly EntityHasher First = new("the first secret"u8), Second = new("the second secret"u8),
        Third = new("the third secret"u8);

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private RedisConnections _redis = null!;
    private string _prefix = "";

    private IDatabase Database => _redis.Writing.GetDatabase();

    [OneTimeSetUp]
    public async Task StartAsync() => _redis = await Backends.Real().OpenRedisAsync();

    [OneTimeTearDown]
    public void Stop() => _redis?.Dispose();

    [SetUp]
    public void NewPrefix() => _prefix = $"secret-{Guid.NewGuid():N}"[..30];

    [Test]
    public async Task FollowAsync_OneBucketHasTheOwnSecret_IsNotEnough()
    {
        var keys = Keys(First, null);
        var secret = State(keys);
        await WriteAsync(keys, bucket: 0, First);
        await WriteAsync(keys, bucket: 5, Second);
        _ = secret.Refused();
        await secret.FollowAsync(First.Fingerprint);
        Assert.That(secret.IsOther, Is.True);
        await WriteAsync(keys, bucket: 5, First);
        await secret.FollowAsync(First.Fingerprint);
        Assert.That(secret.IsOther, Is.False);
        await WriteAsync(keys, bucket: 0, Second);
        await secret.FollowAsync(Second.Fingerprint);
        Assert.That(secret.IsOther, Is.True);
    }

    [Test]
    public async Task AReplacementThatWasInterrupted_IsCompletedBySwappingTheSecrets()
    {
        var back = State(Keys(First, Second));
        await WriteAsync(Keys(First, null), bucket: 0, First);
        await WriteAsync(Keys(First, null), bucket: 5, Second, former: First);
        Assert.That(await back.CheckAsync(), Is.EqualTo(
            "was not completely replaced by Redis:PreviousEntityHashSecret: swap the two to complete that"));
        Assert.That(back.RotateAsync, Throws.TypeOf<OtherSecretException>().With.Message.Contains("swap the two"));
        await back.FollowAsync(First.Fingerprint);
        Assert.That(back.IsOther, Is.True);

        var on = State(Keys(Second, First));
        Assert.That(await on.CheckAsync(), Is.Null);
        Assert.That(await on.RotateAsync(), Is.True);
        Assert.That((string?)await Database.HashGetAsync(Keys(Second, null).Marker(0), ProfileKeys.SecretField),
            Is.EqualTo(Second.Fingerprint));
        Assert.That(await back.CheckAsync(), Does.EndWith("generate a new secret"));
    }

    /// <summary>Profiles that have not moved since the first replacement are under a secret that would not be read any more.</summary>
    [Test]
    public async Task AReplacementSoonAfterAnother_IsRefused_UntilTheLongestWindowHasPassed()
    {
        await WriteAsync(Keys(First, null), bucket: 0, First);
        await WriteAsync(Keys(First, null), bucket: 5, First);
        Assert.That(await State(Keys(Second, First)).RotateAsync(), Is.True);
        var (keys, replacedAt) = (Keys(Third, Second), _time.GetUtcNow());
        var (third, lifetime) = (State(keys), TimeSpan.FromMilliseconds(keys.LongestRetentionMs + MillisecondsPer.Day));
        var refusal = $"replaces Redis:PreviousEntityHashSecret too soon: that one replaced another on {replacedAt:yyyy-MM-dd}, and profiles "
            + "that have not moved since would be lost. Set the former two secrets again until "
            + $"{replacedAt + lifetime:yyyy-MM-dd}, or set another Redis:KeyPrefix, which rebuilds all profiles from the log";
        Assert.That(await third.CheckAsync(), Is.EqualTo(refusal));
        Assert.That(third.RotateAsync, Throws.TypeOf<OtherSecretException>().With.Message.EndsWith(refusal));
        Assert.That((string?)await Database.HashGetAsync(keys.Marker(0), ProfileKeys.SecretField), Is.EqualTo(Second.Fingerprint));

        _time.Advance(lifetime);
        Assert.That(await third.CheckAsync(), Is.Null);
        Assert.That(await third.RotateAsync(), Is.True);
        Assert.That((string?)await Database.HashGetAsync(keys.Marker(0), ProfileKeys.SecretField), Is.EqualTo(Third.Fingerprint));
    }

    private Task WriteAsync(ProfileKeys keys, int bucket, EntityHasher secret, EntityHasher? former = null) => Database.HashSetAsync(
        keys.Marker(bucket),
        [
            new HashEntry(ProfileKeys.SecretField, secret.Fingerprint),
            new HashEntry(ProfileKeys.FormerSecretsField, former is null ? "" : former.Fingerprint + " "),
        ]);

    private SecretState State(ProfileKeys keys) => new(_redis, keys, _time, NullLogger<SecretState>.Instance);

    private ProfileKeys Keys(EntityHasher current, EntityHasher? previous)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "models", "features.json");
        var catalogue = CatalogueReader.Parse(File.ReadAllBytes(path), [])!;
        return new ProfileKeys(catalogue, current, _prefix, new Erasures())
        {
            Previous = previous is null ? null : new ProfileKeys(catalogue, previous, _prefix, new Erasures()),
        };
    }
}
