using FraudScoring.Server.Spool;

namespace FraudScoring.Server.Kafka;

/// <summary>Settings of an <see cref="Outbox{T}"/>.</summary>
/// <param name="Topic">The topic of its records, in log lines and in the name of the spool file.</param>
/// <param name="QueueCapacity">Most entries that wait for the outbox.</param>
/// <param name="ClientCapacity">Most records in the Kafka client.</param>
/// <param name="DeliveryTimeout">Without a spool: how long a record is retried before it is lost.</param>
/// <param name="DrainTimeout">How long a stop waits for deliveries.</param>
/// <param name="Spool">The spool.</param>
internal sealed record OutboxSettings(
    string Topic, int QueueCapacity, int ClientCapacity, TimeSpan DeliveryTimeout, TimeSpan DrainTimeout, SpoolOptions Spool)
{
    // What is loaded from a spool need not be in memory for longer than a few turns.
    private const int MostLoaded = 10_000;

    // A client needs a second or two until its first record is acknowledged.
    private static readonly TimeSpan ShortestAway = TimeSpan.FromSeconds(3);

    /// <summary>Most records in memory.</summary>
    public int WindowCapacity => Spool.ActiveMode == SpoolMode.Off ? ClientCapacity : Math.Min(ClientCapacity, MostLoaded);

    /// <summary>Age of a record beyond which Kafka counts as away.</summary>
    public TimeSpan OutageAfter => TimeSpan.FromMilliseconds(Spool.OutageAfterMs);

    /// <summary>How long Kafka acknowledges nothing before a stop that waits for it gives up.</summary>
    public TimeSpan AwayAfter => OutageAfter > ShortestAway ? OutageAfter : ShortestAway;

    /// <summary>Path of a file of this outbox in the spool's folder.</summary>
    public string FileOf(string extension) => Path.Combine(Path.GetFullPath(Spool.Folder), Topic + extension);
}
