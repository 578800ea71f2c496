using Confluent.Kafka;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>
/// One search for payments in the topic of transactions: first around the times that their labels name, then, for those that were not
/// there, through the whole topic up to the end that it had at the start.
/// </summary>
/// <remarks>
/// Producers write the timestamps of records, so these are only a hint: a payment that was published late, or imported, is found by the
/// second reading. That costs the same for one payment as for thousands: about 3 µs and 1.5 KB of garbage per record, which is why the pace
/// is limited. The offsets around more than a few hundred times would cost more than they save.
/// </remarks>
/// <param name="clients">Creates the consumer.</param>
/// <param name="keys">Names the profiles.</param>
/// <param name="rates">Convert amounts.</param>
/// <param name="limits">The accepted range of times in records.</param>
/// <param name="pace">Limits how fast records are read.</param>
/// <param name="stallLimit">How long brokers may answer nothing before the search fails.</param>
/// <param name="time">The clock.</param>
internal sealed class LabelSearchPass(
    KafkaClients clients, ProfileKeys keys, ExchangeRates rates, PaymentLimits limits, ReadPace pace, TimeSpan stallLimit,
    TimeProvider time)
{
    private const int MostWindows = 256;
    private const long MarginMs = MillisecondsPer.Hour;
    private static readonly TimeSpan PollLimit = TimeSpan.FromMilliseconds(100), AnswerLimit = TimeSpan.FromSeconds(10);

    // By partition that is being read: the offset at which its part ends.
    private readonly Dictionary<TopicPartition, long> _open = [];

    private string Topic => clients.Options.TransactionsTopic;

    /// <summary>Searches.</summary>
    /// <param name="wanted">The payments. Those that are found are removed.</param>
    /// <param name="onFound">Receives each payment with the labels that wait for it.</param>
    /// <param name="stop">Ends the search.</param>
    /// <exception cref="KafkaException">Brokers did not answer, or named no partitions.</exception>
    public async Task RunAsync(WantedPayments wanted, Func<Payment, IReadOnlyList<WantedLabel>, Task> onFound, CancellationToken stop)
    {
        using var consumer = clients.Consumer($"{clients.Options.GroupId}-{keys.Catalogue.LayoutHash}-search", config =>
        {
            config.EnablePartitionEof = true;
            // A search is in no hurry, and must not hold much memory.
            config.QueuedMinMessages = 10_000;
            config.QueuedMaxMessagesKbytes = 8 * 1024;
        });
        var ends = FindEnds(consumer);
        var windows = SearchWindow.Around(wanted.TimesMs, MarginMs);
        foreach (var window in windows.Count <= MostWindows ? windows : [])
        {
            await ReadAsync(consumer, PartsOf(consumer, window, ends), wanted, onFound, stop);
        }
        await ReadAsync(consumer, [.. ends.Select(end => new TopicPart(end.Key, 0, end.Value))], wanted, onFound, stop);
        consumer.Close();
    }

    private Dictionary<TopicPartition, long> FindEnds(IConsumer<byte[], byte[]> consumer)
    {
        // Brokers may create a topic that another client than a consumer asks for; an empty one would look like a complete answer.
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var found = admin.GetMetadata(Topic, AnswerLimit).Topics.Find(topic => topic.Topic == Topic);
        if (found is not { Error.IsError: false, Partitions.Count: > 0 })
        {
            // A search of nothing would find nothing, and its labels would be given up.
            throw new KafkaException(found is { Error.IsError: true } ? found.Error : new Error(ErrorCode.LeaderNotAvailable));
        }
        return found.Partitions.Select(partition => new TopicPartition(Topic, partition.PartitionId))
            .ToDictionary(partition => partition, partition => consumer.QueryWatermarkOffsets(partition, AnswerLimit).High.Value);
    }

    private static List<TopicPart> PartsOf(
        IConsumer<byte[], byte[]> consumer, SearchWindow window, Dictionary<TopicPartition, long> ends)
    {
        var (from, until) = (OffsetsAt(window.FromMs), OffsetsAt(window.UntilMs));
        return [.. ends.Keys.Select(partition => new TopicPart(partition, from[partition], until[partition]))];

        // Without a later record, brokers answer with a special offset that stands for the end.
        Dictionary<TopicPartition, long> OffsetsAt(long timeMs) => consumer
            .OffsetsForTimes(ends.Keys.Select(partition => new TopicPartitionTimestamp(partition, new(timeMs, default))), AnswerLimit)
            .ToDictionary(at => at.TopicPartition, at => at.Offset.Value >= 0 ? at.Offset.Value : ends[at.TopicPartition]);
    }

    /// <summary>Reads parts of partitions until they end or nothing is wanted any more.</summary>
    private async Task ReadAsync(
        IConsumer<byte[], byte[]> consumer, IReadOnlyList<TopicPart> parts, WantedPayments wanted,
        Func<Payment, IReadOnlyList<WantedLabel>, Task> onFound, CancellationToken stop)
    {
        parts = [.. parts.Where(part => part.From < part.Until && wanted.Count > 0)];
        if (parts.Count == 0)
        {
            return;
        }
        consumer.IncrementalAssign(parts.Select(part => new TopicPartitionOffset(part.Partition, part.From)));
        foreach (var part in parts)
        {
            _open.Add(part.Partition, part.Until);
        }
        var heardAt = time.GetTimestamp();
        while (_open.Count > 0 && wanted.Count > 0)
        {
            stop.ThrowIfCancellationRequested();
            if (consumer.Consume(PollLimit) is { } record)
            {
                heardAt = time.GetTimestamp();
                ServerMetrics.LabelSearchRecords.Inc();
                await TakeAsync(consumer, record, wanted, onFound);
                await pace.TakeAsync(stop);
            }
            else if (time.GetElapsedTime(heardAt) >= stallLimit)
            {
                throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"Brokers sent no records for {stallLimit:%s} s."));
            }
        }
        consumer.IncrementalUnassign(_open.Keys);
        _open.Clear();
    }

    private async Task TakeAsync(
        IConsumer<byte[], byte[]> consumer, ConsumeResult<byte[], byte[]> record, WantedPayments wanted,
        Func<Payment, IReadOnlyList<WantedLabel>, Task> onFound)
    {
        if (!_open.TryGetValue(record.TopicPartition, out var until))
        {
            // Fetched before its partition ended.
            return;
        }
        if (!record.IsPartitionEOF && record.Offset.Value < until && Find(record, wanted) is { } payment)
        {
            await onFound(payment, wanted.Take(payment.TransactionId));
        }
        // A control record may be the last one: it is not returned, but the end of the partition or a later record is.
        if (record.IsPartitionEOF || record.Offset.Value >= until - 1)
        {
            _open.Remove(record.TopicPartition);
            consumer.IncrementalUnassign([record.TopicPartition]);
        }
    }

    /// <summary>The record's payment if it is wanted and valid. An invalid one is in no profile.</summary>
    private Payment? Find(ConsumeResult<byte[], byte[]> record, WantedPayments wanted)
    {
        var value = record.Message.Value;
        if (TransactionRecord.ReadTransactionId(value) is not { } id || !wanted.Contains(id))
        {
            return null;
        }
        var nowMs = RecordClock.JudgedAtMs(record, time.GetUtcNow().ToUnixTimeMilliseconds());
        return TransactionRecord.Parse(default, value, keys, rates, limits, nowMs, [])?.Payment;
    }

    private readonly record struct TopicPart(TopicPartition Partition, long From, long Until);
}
