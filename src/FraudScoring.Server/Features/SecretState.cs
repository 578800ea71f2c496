using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Monitoring;
using StackExchange.Redis;

namespace FraudScoring.Server.Features;

/// <summary>
/// Whether the profiles in Redis were written with another Redis:EntityHashSecret than this instance has: none of them would be found, and
/// every payment would look like the first of its card.
/// </summary>
/// <remarks>
/// The fingerprint of the secret is a field of each bucket's marker. The script that writes a bucket refuses another secret, so an instance
/// that was missed by every check still cannot mix its own history with that of the others.
/// </remarks>
/// <param name="redis">The connections.</param>
/// <param name="keys">Names the markers, and has the secret's fingerprint.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
internal sealed class SecretState(RedisConnections redis, ProfileKeys keys, TimeProvider time, ILogger<SecretState> log)
{
    private const string UsedBefore = "was in use before Redis:PreviousEntityHashSecret, and profiles from then would hide those that were "
        + "written since: generate a new secret";
    private const string HalfReplaced = "was not completely replaced by Redis:PreviousEntityHashSecret: swap the two to complete that";

    private static readonly string Rotate = RedisScript.Load("rotate-secret");

    private volatile bool _isOther;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>When this has passed, profiles that are still under a former secret are older than every window.</summary>
    private long LifetimeMs => keys.LongestRetentionMs + MillisecondsPer.Day;

    /// <summary>True if the secret was refused when the markers of all buckets were last read, or by a write since.</summary>
    public bool IsOther => _isOther;

    /// <summary>Reads the fingerprints of all buckets.</summary>
    /// <returns>What is wrong, as the end of a sentence about the secret; null if it is the right one, or the first.</returns>
    public async Task<string?> CheckAsync()
    {
        var database = redis.Writing.GetDatabase();
        RedisValue[] fields = [ProfileKeys.SecretField, ProfileKeys.FormerSecretsField, ProfileKeys.RotatedField];
        var secrets = await Task.WhenAll(
            Enumerable.Range(0, EntityKey.Buckets).Select(bucket => database.HashGetAsync(keys.Marker(bucket), fields)));
        var fault = Describe(Array.Find(secrets, values => IsOtherThanOwn(values[0]))?[0] ?? default);
        if (fault is null && Array.Exists(secrets, values => IsPrevious(values[0]) && IsFormer(values[1])))
        {
            fault = Array.Exists(secrets, values => values[0] == keys.Fingerprint) ? HalfReplaced : UsedBefore;
        }
        fault ??= FindTooSoon(secrets.Where(values => IsPrevious(values[0])).Select(values => (long?)values[2]).Max());
        Show(fault is not null);
        return fault;
    }

    /// <summary>Compares the fingerprints of all buckets with the own one.</summary>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? Accept(RedisValue[] fingerprints)
    {
        var fault = Describe(Array.Find(fingerprints, IsOtherThanOwn));
        Show(fault is not null);
        return fault;
    }

    /// <summary>
    /// Notices that another instance has replaced the secret, or that the right one is back. One bucket does not tell: reads the others if
    /// that of this bucket is not the own one, or was not before.
    /// </summary>
    /// <param name="fingerprint">The fingerprint of a bucket.</param>
    public Task FollowAsync(RedisValue fingerprint) => _isOther || IsOtherThanOwn(fingerprint) ? CheckAsync() : Task.CompletedTask;

    /// <summary>True if a bucket is still written under the previous secret.</summary>
    public bool IsPrevious(RedisValue fingerprint) => keys.Previous is { } previous && fingerprint == previous.Fingerprint;

    /// <summary>
    /// Hands all buckets over to the current secret. Their markers move back to the least of them, because an entity has another bucket
    /// now.
    /// </summary>
    /// <remarks>
    /// An instance with only the previous secret may still write a bucket that is not handed over yet: profiles under the previous secret
    /// are complete up to the least marker, and know what else they have.
    /// </remarks>
    /// <exception cref="OtherSecretException">
    /// The current secret was in use before the previous one, or that one replaced another less than the longest window ago.
    /// </exception>
    public async Task<bool> RotateAsync()
    {
        var database = redis.Writing.GetDatabase();
        var offsets = await MarkerFields.ReadAsync(database, keys);
        var least = offsets.SelectMany(bucket => bucket.Keys).Distinct()
            .SelectMany(source => new RedisValue[] { source, offsets.Min(bucket => bucket.GetValueOrDefault(source)) });
        RedisValue[] values = [keys.Previous!.Fingerprint, keys.Fingerprint, NowMs, NowMs - LifetimeMs, .. least];
        var answers = await Task.WhenAll(
            offsets.Select((_, bucket) => database.ScriptEvaluateAsync(Rotate, [keys.Marker(bucket)], values)));
        if (Array.Exists(answers, answer => (int)answer < 0))
        {
            throw Refused(await CheckAsync() ?? UsedBefore);
        }
        log.SecretRotated((int)TimeSpan.FromMilliseconds(LifetimeMs).TotalDays);
        return true;
    }

    /// <summary>Records that a read or write of the consumers was refused because of the secret.</summary>
    /// <param name="reason">What <see cref="Accept"/> returned; null if the script refused a write, which does not say more.</param>
    public OtherSecretException Refused(string? reason = null)
    {
        Show(true);
        return new OtherSecretException(
            $"{RedisOptions.Section}:{nameof(RedisOptions.EntityHashSecret)} {reason ?? Describe("another one")}");
    }

    private void Show(bool isOther)
    {
        _isOther = isOther;
        ServerMetrics.OtherSecret.Set(isOther ? 1 : 0);
    }

    private bool IsOtherThanOwn(RedisValue fingerprint) =>
        !fingerprint.IsNull && fingerprint != keys.Fingerprint && !IsPrevious(fingerprint);

    private bool IsFormer(RedisValue formerSecrets) =>
        !formerSecrets.IsNull && ((string)formerSecrets!).Contains(keys.Fingerprint, StringComparison.Ordinal);

    private string? FindTooSoon(long? rotatedMs) => rotatedMs is not { } at || at <= NowMs - LifetimeMs ? null
        : $"replaces Redis:PreviousEntityHashSecret too soon: that one replaced another on {Day(at)}, and profiles that have not moved "
            + $"since would be lost. Set the former two secrets again until {Day(at + LifetimeMs)}, or set another Redis:KeyPrefix, which "
            + "rebuilds all profiles from the log";

    private static string Day(long atMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(atMs).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private string? Describe(RedisValue stored) => stored.IsNull ? null
        : $"is not the secret that the profiles in Redis were written with (its fingerprint is {keys.Fingerprint}, theirs {stored}): set "
            + "the former secret again, or as Redis:PreviousEntityHashSecret to replace it without losing history";
}

/// <summary>The profiles in Redis were written with another secret, and must not be read or written with this one.</summary>
internal sealed class OtherSecretException(string message) : Exception(message);
