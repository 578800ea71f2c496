using System.Threading.Channels;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Features;

/// <summary>Profiles that were found corrupt and are to be built anew from the log. Bounded: what does not fit is found again.</summary>
internal sealed class CorruptProfiles
{
    private const int Capacity = 1000;

    private readonly Channel<CorruptProfile> _found =
        Channel.CreateBounded<CorruptProfile>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Those that were found, in their order; some more than once.</summary>
    public ChannelReader<CorruptProfile> Found => _found.Reader;

    /// <summary>Takes note of one.</summary>
    public void Record(int entity, EntityKey key)
    {
        ServerMetrics.ProfileFaults.WithLabels("corrupt").Inc();
        _found.Writer.TryWrite(new CorruptProfile(entity, key));
    }
}

/// <summary>A profile that was found corrupt.</summary>
/// <param name="Entity">The kind of entity.</param>
/// <param name="Key">Its keyed hash.</param>
internal readonly record struct CorruptProfile(int Entity, EntityKey Key);
