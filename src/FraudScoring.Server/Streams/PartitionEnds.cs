using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Asks brokers where partitions end, in the background: the answer may take as long as a fetch of records, or seconds in an outage, and
/// the thread that consumes the records must not wait for it.
/// </summary>
/// <param name="ask">Asks for the ends. Partitions without an answer are left out.</param>
/// <param name="time">The clock.</param>
internal sealed class PartitionEnds(
    Func<IReadOnlyList<TopicPartition>, Task<IReadOnlyDictionary<TopicPartition, long>>> ask, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);
    private static readonly Dictionary<TopicPartition, long> None = [];

    private Task<IReadOnlyDictionary<TopicPartition, long>>? _asked;
    private long _askedAt;

    /// <param name="admin">Asks brokers.</param>
    /// <param name="time">The clock.</param>
    public PartitionEnds(Lazy<IAdminClient> admin, TimeProvider time) : this(partitions => AskAsync(admin.Value, partitions, time), time)
    {
    }

    /// <summary>Asks, unless an answer is outstanding.</summary>
    /// <returns>The time before brokers were asked, as <see cref="TimeProvider.GetTimestamp"/> has it; null if they were not.</returns>
    public long? Ask(IReadOnlyList<TopicPartition> partitions)
    {
        if (_asked is not null)
        {
            return null;
        }
        _askedAt = time.GetTimestamp();
        _asked = ask(partitions);
        return _askedAt;
    }

    /// <summary>Takes an answer that has arrived.</summary>
    /// <param name="askedAt">What <see cref="Ask"/> returned.</param>
    /// <param name="ends">
    /// By partition, the end of what a consumer can read: records of open transactions are behind it. Empty if brokers did not answer.
    /// </param>
    /// <returns>False if there is none.</returns>
    public bool TryTake(out long askedAt, out IReadOnlyDictionary<TopicPartition, long> ends)
    {
        (askedAt, ends) = (_askedAt, None);
        if (_asked is not { IsCompleted: true } asked)
        {
            return false;
        }
        _asked = null;
        ends = asked.GetAwaiter().GetResult();
        return true;
    }

    /// <summary>The ends among the answers.</summary>
    /// <remarks>For a partition whose leader cannot be reached, the client answers without an error, and without an offset.</remarks>
    internal static Dictionary<TopicPartition, long> EndsOf(IEnumerable<TopicPartitionOffsetError> answers) => answers
        .Where(answer => !answer.Error.IsError && answer.Offset.Value >= 0)
        .ToDictionary(answer => answer.TopicPartition, answer => answer.Offset.Value);

    private static async Task<IReadOnlyDictionary<TopicPartition, long>> AskAsync(
        IAdminClient admin, IReadOnlyList<TopicPartition> partitions, TimeProvider time)
    {
        try
        {
            var latest = OffsetSpec.Latest();
            var listing = admin.ListOffsetsAsync(
                partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = latest }),
                new ListOffsetsOptions { RequestTimeout = Limit, IsolationLevel = IsolationLevel.ReadCommitted });
            // Not on the thread that asks, which may be waiting for records.
            var listed = await listing.WaitAsync(Limit * 2, time).ConfigureAwait(false);
            return EndsOf(listed.ResultInfos.Select(info => info.TopicPartitionOffsetError));
        }
        catch (ListOffsetsException e)
        {
            return EndsOf(e.Result.ResultInfos.Select(info => info.TopicPartitionOffsetError));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // No answer, whatever the reason is: the lag grows.
            return None;
        }
    }
}
