using Confluent.Kafka;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>
/// One reading of the log that rebuilds profiles: all transactions first, then the labels. A profile is replaced as soon as the result has
/// every record that the bucket's marker covers.
/// </summary>
/// <remarks>
/// Transactions first, because a label without tokens is applied to the entities of its transaction; read the other way round, all such
/// labels of the log would have to be kept until their transactions come. The pass ends when all profiles are replaced, or when a partition
/// that a marker covers has brought nothing for the given time: a topic that was deleted or recreated never reaches its old marker.
/// </remarks>
/// <param name="clients">Creates the consumer.</param>
/// <param name="keys">Names the profiles.</param>
/// <param name="rates">Convert amounts.</param>
/// <param name="writer">Replaces the profiles; used by this pass alone.</param>
/// <param name="generations">Says how often the topics were recreated.</param>
/// <param name="retry">Waits for Redis.</param>
/// <param name="limits">The accepted range of times in records.</param>
/// <param name="labels">Which labels without tokens apply to their payments.</param>
/// <param name="stallLimit">How long a partition may bring nothing before the pass ends.</param>
/// <param name="time">The clock.</param>
internal sealed class RepairPass(
    KafkaClients clients, ProfileKeys keys, ExchangeRates rates, RedisProfileWriter writer, TopicGenerations generations,
    RedisRetry retry, PaymentLimits limits, LabelsOptions labels, TimeSpan stallLimit, TimeProvider time)
{
    private const int MostEarlyLabels = 100_000;
    private static readonly TimeSpan PollLimit = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MetadataLimit = TimeSpan.FromSeconds(10);

    private readonly Dictionary<CorruptProfile, RebuiltProfile> _open = [];
    private readonly EarlyLabels _early = new(MostEarlyLabels);
    private readonly LogStarts _starts = new();
    // By partition: the offset before which every record is read, and when that last moved.
    private readonly SortedList<int, long> _reached = [];
    private readonly Dictionary<int, long> _movedAt = [];
    private readonly HashSet<int> _unread = [];
    private readonly int[] _generations = new int[2];
    private bool _readsLabels;
    private long _startedAt;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Reads the log.</summary>
    /// <param name="found">The profiles to rebuild.</param>
    /// <param name="onReplaced">
    /// Called for each profile that was replaced, with the beginning of a partition that has lost records which its features may need.
    /// </param>
    /// <param name="stop">Ends the pass.</param>
    /// <returns>The profiles that could not be replaced, each with the partition that lacks records.</returns>
    /// <exception cref="KafkaException">Brokers did not answer.</exception>
    public async Task<IReadOnlyDictionary<CorruptProfile, MissingRecords>> RunAsync(
        IEnumerable<CorruptProfile> found, Action<CorruptProfile, TopicPartitionOffset?> onReplaced, CancellationToken stop)
    {
        await keys.ErasuresKnown.WaitAsync(stop);
        foreach (var profile in found)
        {
            _open.TryAdd(profile, new RebuiltProfile(keys, labels, profile));
        }
        using var consumer = clients.Consumer(
            $"{clients.Options.GroupId}-{keys.Catalogue.LayoutHash}-repair", config => config.EnablePartitionEof = true);
        foreach (var topic in new[] { TransactionRecord.TopicNumber, LabelRecord.TopicNumber })
        {
            _generations[topic] = await retry.UntilDoneAsync(() => generations.FindAsync(topic), stop);
        }
        _startedAt = time.GetTimestamp();
        Assign(consumer, clients.Options.TransactionsTopic);
        var stalled = new Dictionary<CorruptProfile, MissingRecords>();
        while (_open.Count > 0)
        {
            stop.ThrowIfCancellationRequested();
            if (!_readsLabels && _unread.Count == 0)
            {
                _readsLabels = true;
                Assign(consumer, clients.Options.LabelsTopic);
            }
            if (consumer.Consume(PollLimit) is { } record)
            {
                Take(record);
                if (!record.IsPartitionEOF)
                {
                    continue;
                }
            }
            // At the end of a partition, or no new record: the profiles may be complete.
            await ReplaceAsync(onReplaced, stalled, stop);
        }
        consumer.Close();
        ServerMetrics.RepairLabelsDropped.Inc(_early.Dropped);
        return stalled;
    }

    /// <summary>Adds all partitions of a topic, from their beginning.</summary>
    private void Assign(IConsumer<byte[], byte[]> consumer, string topic)
    {
        using var admin = clients.Admin();
        var partitions = admin.GetMetadata(topic, MetadataLimit).Topics.SelectMany(t => t.Partitions)
            .Select(partition => new TopicPartition(topic, partition.PartitionId)).ToList();
        foreach (var partition in partitions)
        {
            var source = SourceOf(partition);
            _starts.Add(partition, _readsLabels, consumer.QueryWatermarkOffsets(partition, MetadataLimit).Low.Value);
            _reached[source] = 0;
            _movedAt[source] = time.GetTimestamp();
            _unread.Add(source);
        }
        // Assigned, not subscribed: a repair needs every partition, however the instances share them.
        consumer.IncrementalAssign(partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
    }

    private async Task ReplaceAsync(
        Action<CorruptProfile, TopicPartitionOffset?> onReplaced, Dictionary<CorruptProfile, MissingRecords> stalled,
        CancellationToken stop)
    {
        foreach (var (found, rebuilt) in _open.ToList())
        {
            if (await retry.UntilDoneAsync(() => writer.ReplaceAsync(found, rebuilt.Profile, _reached), stop))
            {
                _open.Remove(found);
                onReplaced(found, _starts.FindLate(rebuilt.Profile.Plan, NowMs));
            }
            else if (_readsLabels && await FindStalledAsync(found, stop) is { } missing)
            {
                _open.Remove(found);
                stalled.Add(found, missing);
            }
        }
    }

    /// <summary>The partition whose records a profile has been waiting for in vain; null while all of them move.</summary>
    private async Task<MissingRecords?> FindStalledAsync(CorruptProfile found, CancellationToken stop)
    {
        foreach (var (source, next) in await retry.UntilDoneAsync(() => writer.ReadMarkersAsync(found.Key.Bucket), stop))
        {
            var (reached, movedAt) = (_reached.GetValueOrDefault(source), _movedAt.GetValueOrDefault(source, _startedAt));
            if (next > reached && time.GetElapsedTime(movedAt) >= stallLimit)
            {
                var isPayment = source % 2 == TransactionRecord.TopicNumber;
                return new MissingRecords(isPayment ? clients.Options.TransactionsTopic : clients.Options.LabelsTopic,
                    AppliedOffsets.PartitionOf(source), reached, next);
            }
        }
        return null;
    }

    private void Take(ConsumeResult<byte[], byte[]> record)
    {
        var source = SourceOf(record.TopicPartition);
        _movedAt[source] = time.GetTimestamp();
        if (record.IsPartitionEOF)
        {
            // The end of the partition, also when it is empty or ends in control records, which are not returned as records.
            _reached[source] = Math.Max(_reached[source], record.Offset.Value);
            _unread.Remove(source);
            return;
        }
        var position = new RecordPosition(source, record.Offset.Value);
        var nowMs = RecordClock.JudgedAtMs(record, NowMs);
        if (record.Topic == clients.Options.TransactionsTopic)
        {
            if (TransactionRecord.Parse(position, record.Message.Value, keys, rates, limits, nowMs, []) is { } transaction)
            {
                _starts.Note(record.TopicPartition, transaction.Payment.EventTimeMs);
                Record(transaction);
            }
        }
        else if (LabelRecord.Parse(position, record.Message.Value, keys, limits, nowMs, []) is { } label)
        {
            _starts.Note(record.TopicPartition, label.Label.LabelTimeMs);
            Record(label);
        }
        // Also past records that are invalid or concern no open profile, since the markers have passed them, too.
        _reached[source] = record.Offset.Value + 1;
    }

    private void Record(TransactionRecord transaction)
    {
        var early = _early.Of(transaction.Payment.TransactionId);
        foreach (var rebuilt in _open.Values)
        {
            rebuilt.Record(transaction, early);
        }
    }

    private void Record(LabelRecord label)
    {
        var isEarly = false;
        foreach (var rebuilt in _open.Values)
        {
            isEarly |= rebuilt.Record(label);
        }
        if (isEarly)
        {
            _early.Add(label);
        }
    }

    private int SourceOf(TopicPartition partition)
    {
        var topic = partition.Topic == clients.Options.TransactionsTopic ? TransactionRecord.TopicNumber : LabelRecord.TopicNumber;
        return AppliedOffsets.SourceOf(topic, partition.Partition.Value, _generations[topic]);
    }
}

/// <summary>Records that Redis has applied and a partition no longer has.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="End">Offset after the last record that could be read; 0 if the partition does not exist.</param>
/// <param name="Marker">Offset up to which Redis has applied records.</param>
internal sealed record MissingRecords(string Topic, int Partition, long End, long Marker);
