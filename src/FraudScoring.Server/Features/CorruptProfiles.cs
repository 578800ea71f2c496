using System.Threading.Channels;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Features;

/// <summary>
/// Queue of corrupt profiles to rebuild from the Kafka log. Bounded: a profile that does not fit is queued at its next read.
/// </summary>
internal sealed class CorruptProfiles
{
    private const int Capacity = 1000;

    private readonly Channel<CorruptProfile> _found =
        Channel.CreateBounded<CorruptProfile>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>The queue, oldest first. A profile may be in it more than once.</summary>
    public ChannelReader<CorruptProfile> Found => _found.Reader;

    public void Record(int entity, EntityKey key)
    {
        ServerMetrics.ProfileFaults.WithLabels("corrupt").Inc();
        _found.Writer.TryWrite(new CorruptProfile(entity, key));
    }
}

/// <param name="Entity">Index of the kind of entity in the catalogue.</param>
/// <param name="Key">The entity's keyed hash.</param>
internal readonly record struct CorruptProfile(int Entity, EntityKey Key);
