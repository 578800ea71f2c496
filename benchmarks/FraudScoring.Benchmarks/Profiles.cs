using BenchmarkDotNet.Attributes;
using FraudScoring.Benchmarks.Fixtures;
using FraudScoring.Core.Profiles;
using FraudScoring.Core.Profiles.Codec;

namespace FraudScoring.Benchmarks;

/// <summary>Encoding and decoding of one profile per operation, with the kinds and sizes that payments meet.</summary>
public class Profiles
{
    private const int Count = 1024;
    private readonly ProfileWriter _writer = new();
    private EntityProfile[] _profiles = [];
    private EntityProfile[] _readInto = [];
    private byte[][] _bytes = [];

    /// <summary>Fills the profiles and encodes each once.</summary>
    [GlobalSetup]
    public async Task SetUpAsync()
    {
        var models = CommittedModels.Load();
        var catalogue = models.Catalogue;
        var history = BenchmarkHistory.Before(TimeProvider.System.GetUtcNow());
        var stored = new StoredProfiles(catalogue, models.Rates.Current, history.Past);
        _profiles = [.. history.Next.SelectMany(stored.Find).OfType<EntityProfile>().Take(Count)];
        _readInto = [.. catalogue.Entities.Select(plan => new EntityProfile(plan))];
        _bytes = Array.ConvertAll(_profiles, profile => ProfileCodec.Write(profile, _writer).ToArray());
        await Warmth.ReachAsync(() => ReadProfile(), () => WriteProfile());
    }

    /// <summary>Decodes stored bytes into a reused profile.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public int ReadProfile()
    {
        var read = 0;
        for (var i = 0; i < Count; i++)
        {
            read += ProfileCodec.Read(_bytes[i], _readInto[_profiles[i].Plan.Index]) == ProfileFault.None ? 1 : 0;
        }
        return read;
    }

    /// <summary>Encodes a profile into a reused buffer.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public int WriteProfile()
    {
        var length = 0;
        foreach (var profile in _profiles)
        {
            length += ProfileCodec.Write(profile, _writer).Length;
        }
        return length;
    }
}
