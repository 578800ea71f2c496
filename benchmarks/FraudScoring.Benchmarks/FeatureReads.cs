using BenchmarkDotNet.Attributes;
using FraudScoring.Benchmarks.Fixtures;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace FraudScoring.Benchmarks;

/// <summary>The feature read of a payment, compared with one bare MGET of the same values over the same connection.</summary>
public class FeatureReads
{
    private const int Payments = BenchmarkHistory.Scored;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);
    private RedisFeatureStore _store = null!;
    private IDatabase _database = null!;
    private ProfileReads _reads = null!;
    private Payment[] _payments = [];
    private RedisKey[][] _keys = [];

    /// <summary>Starts the service and computes the keys of every payment.</summary>
    [GlobalSetup]
    public async Task SetUpAsync()
    {
        var service = await FilledService.SharedAsync();
        var catalogue = service.Services.GetRequiredService<DeploymentHost>().Current.Catalogue;
        var keys = service.Services.GetRequiredService<DeploymentHost>().Current.Keys;
        _store = service.Services.GetRequiredService<DeploymentHost>().Current.Store;
        _database = service.Services.GetRequiredService<RedisConnections>().Reading.GetDatabase();
        _reads = new ProfileReads(catalogue);
        _payments = service.History.Next;
        _keys = Array.ConvertAll(_payments, payment =>
        {
            var hashes = new EntityKey[catalogue.Entities.Count];
            keys.HashEntities(payment, hashes);
            return hashes.Index().Where(hash => !hash.Item.IsNone).Select(hash => keys.Name(hash.Index, hash.Item)).ToArray();
        });
    }

    /// <summary>One MGET whose values are discarded.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Payments)]
    public async Task<int> MultiGet()
    {
        var found = 0;
        foreach (var keys in _keys)
        {
            found += (await _database.StringGetAsync(keys)).Length;
        }
        return found;
    }

    /// <summary>Hashes the entities, reads their values in one round trip, and decodes the profiles.</summary>
    [Benchmark(OperationsPerInvoke = Payments)]
    public async Task<int> ReadFeatures()
    {
        var complete = 0;
        foreach (var payment in _payments)
        {
            complete += await _store.ReadAsync(_reads, payment, isCounted: true, answer: null, Limit) ? 1 : 0;
        }
        return complete;
    }
}
