using System.Globalization;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;
using FraudScoring.Core.Profiles.Codec;
using FraudScoring.Server.Features;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Recovery;

/// <summary>
/// Computes the profiles that Redis must hold once every payment and label of a history is applied once, and compares them byte by byte.
/// The revision and the applied offsets are ignored: they depend on how the profile was written.
/// </summary>
internal sealed class ProfileAudit
{
    private const int BatchSize = 2000;
    private const int MostDescribed = 10;

    private readonly FeatureCatalogue _catalogue;
    private readonly ExchangeRates _rates;
    private readonly ProfileKeys _keys;
    private readonly string _pattern;
    private readonly EntityProfile[] _profiles;
    private readonly EntityProfile[] _others;
    private readonly ProfileWriter _writer = new();
    private readonly Dictionary<string, (int Entity, byte[] Value)> _expected = [];

    /// <param name="catalogue">The catalogue of the profiles.</param>
    /// <param name="rates">The exchange rates of the audited service.</param>
    /// <param name="hasher">The hasher of the audited service.</param>
    /// <param name="prefix">The service's key prefix.</param>
    /// <param name="history">The events written to the log.</param>
    public ProfileAudit(
        FeatureCatalogue catalogue, ExchangeRates rates, EntityHasher hasher, string prefix, SimulatedHistory history)
    {
        (_catalogue, _rates) = (catalogue, rates);
        (_keys, _pattern) = (new ProfileKeys(catalogue, hasher, prefix, new Erasures()), $"{prefix}:{catalogue.LayoutHash}:*");
        _profiles = [.. catalogue.Entities.Select(plan => new EntityProfile(plan))];
        _others = [.. catalogue.Entities.Select(plan => new EntityProfile(plan))];
        for (var e = 0; e < catalogue.Entities.Count; e++)
        {
            Expect(catalogue.Entities[e], hasher, history);
        }
    }

    /// <summary>The number of expected profiles.</summary>
    public int Total => _expected.Count;

    /// <summary>Compares all profiles.</summary>
    /// <returns>Descriptions of the first differences after their total number, or an empty list.</returns>
    public async Task<IReadOnlyList<string>> CompareAsync(IConnectionMultiplexer redis)
    {
        var differences = new List<string>();
        foreach (var chunk in _expected.Chunk(BatchSize))
        {
            var values = await Task.WhenAll(chunk.Select(profile => redis.GetDatabase().StringGetAsync(profile.Key)));
            for (var i = 0; i < chunk.Length; i++)
            {
                if (Difference(chunk[i].Value.Entity, chunk[i].Value.Value, (byte[]?)values[i]) is { } difference)
                {
                    differences.Add($"{chunk[i].Key}: {difference}");
                }
            }
        }
        await foreach (var key in ProfilesAsync(redis))
        {
            if (!_expected.ContainsKey(key))
            {
                differences.Add($"{key}: no event explains this profile");
            }
        }
        return differences.Count == 0 ? [] :
        [
            string.Create(CultureInfo.InvariantCulture, $"{differences.Count} of {Total} profiles differ"),
            .. differences.Take(MostDescribed),
        ];
    }

    private async IAsyncEnumerable<string> ProfilesAsync(IConnectionMultiplexer redis)
    {
        foreach (var server in redis.GetServers().Where(server => server.IsConnected && !server.IsReplica))
        {
            await foreach (var key in server.KeysAsync(pattern: _pattern, pageSize: BatchSize))
            {
                var name = (string)key!;
                if (!name.Contains("::", StringComparison.Ordinal) && !name.EndsWith(":attempts", StringComparison.Ordinal))
                {
                    yield return name;
                }
            }
        }
    }

    private void Expect(EntityPlan plan, EntityHasher hasher, SimulatedHistory history)
    {
        var payments = history.Payments.ToLookup(payment => hasher.KeyOf(plan, payment));
        var labels = history.Labels.Where(_ => plan.KeepsLabels).ToLookup(label => hasher.KeyOf(plan, label));
        foreach (var key in payments.Select(group => group.Key).Union(labels.Select(group => group.Key)).Where(key => !key.IsNone))
        {
            var profile = _profiles[plan.Index];
            profile.Clear();
            foreach (var payment in payments[key])
            {
                profile.Add(ProfileEvent.Create(plan, payment, _rates.Convert(payment)));
            }
            foreach (var label in labels[key])
            {
                profile.Labels.Add(new ProfileLabel(ProfileEvent.IdOf(label.TransactionId), label.LabelTimeMs, label.Fraud));
            }
            _expected.Add((string)_keys.Name(plan.Index, key)!, (plan.Index, ProfileCodec.Write(profile, _writer).ToArray()));
        }
    }

    private string? Difference(int entity, byte[] expected, byte[]? stored)
    {
        if (stored is null)
        {
            return "is missing";
        }
        var (wanted, found) = (_profiles[entity], _others[entity]);
        if (ProfileCodec.Read(stored, found) is var fault && fault != ProfileFault.None)
        {
            return $"cannot be read: {fault}";
        }
        found.Revision = 0;
        found.Applied.Clear();
        if (ProfileCodec.Write(found, _writer).SequenceEqual(expected))
        {
            return null;
        }
        ProfileCodec.Read(expected, wanted);
        return string.Create(CultureInfo.InvariantCulture, $"""
            events kept exactly {found.Recent.Length} of {wanted.Recent.Length}
            ({Missing(wanted, found)} missing, {Missing(found, wanted)} too many),
            labels {found.Labels.Recent.Count} of {wanted.Labels.Recent.Count}, frauds before them
            {found.Labels.EarlierFrauds.Count} of {wanted.Labels.EarlierFrauds.Count} and by day {Frauds(found)} of {Frauds(wanted)},
            newest event {found.NewestMs - wanted.NewestMs} and first event {found.FirstMs - wanted.FirstMs} ms off; the rest is in tiles
            """).Replace('\n', ' ');
    }

    private static int Missing(EntityProfile from, EntityProfile other)
    {
        var there = other.Recent.ToArray().Select(kept => (kept.TimeMs, kept.Id)).ToHashSet();
        return from.Recent.ToArray().Count(kept => !there.Contains((kept.TimeMs, kept.Id)));
    }

    private static long Frauds(EntityProfile profile) => profile.Labels.Tiles.Sum(tile => tile.Frauds);
}
