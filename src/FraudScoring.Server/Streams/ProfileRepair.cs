using Confluent.Kafka;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Rebuilds corrupt profiles: reads both topics from their beginning with a consumer of its own, and replaces a profile as soon as the
/// result has every record that the bucket's marker covers. The consumers skip a corrupt profile meanwhile.
/// </summary>
/// <remarks>
/// A corrupt profile has lost its applied offsets, so there is no offset to resume from: only the whole log gives a true profile. One pass
/// repairs all profiles found so far, because a pass costs the same for one as for many.
/// </remarks>
internal sealed class ProfileRepair(
    KafkaClients clients, ProfileKeys keys, CorruptProfiles corrupt, RedisProfileWriter writer, RedisRetry retry,
    TimeProvider time, ILogger<ProfileRepair> log)
    : BackgroundService
{
    private static readonly TimeSpan PollLimit = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MetadataLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await corrupt.Found.WaitToReadAsync(stoppingToken))
        {
            var open = new Dictionary<CorruptProfile, RebuiltProfile>();
            while (corrupt.Found.TryRead(out var found))
            {
                open.TryAdd(found, new RebuiltProfile(keys, found));
            }
            try
            {
                await StreamThread.RunAsync("repair", () => RepairAsync(open, stoppingToken));
            }
            catch (KafkaException e)
            {
                log.RepairFailed(open.Count, Pause, e.Error.Reason);
                await Task.Delay(Pause, time, stoppingToken);
                foreach (var found in open.Keys)
                {
                    corrupt.Record(found.Entity, found.Key);
                }
            }
        }
    }

    private async Task RepairAsync(Dictionary<CorruptProfile, RebuiltProfile> open, CancellationToken stop)
    {
        using var consumer = clients.Consumer(
            $"{clients.Options.GroupId}-{keys.Catalogue.LayoutHash}-repair", config => config.EnablePartitionEof = true);
        var reached = Assign(consumer);
        while (open.Count > 0)
        {
            stop.ThrowIfCancellationRequested();
            if (consumer.Consume(PollLimit) is { } record)
            {
                Take(record, open, reached);
                if (!record.IsPartitionEOF)
                {
                    continue;
                }
            }
            // At the end of a partition, or no new record: the profiles may be complete.
            foreach (var (found, rebuilt) in open.ToList())
            {
                if (await retry.UntilDoneAsync(() => writer.ReplaceAsync(found, rebuilt.Profile, reached), stop))
                {
                    open.Remove(found);
                    ServerMetrics.ProfilesRepaired.Inc();
                    log.ProfileRepaired(rebuilt.Profile.Plan.Name);
                }
            }
        }
        consumer.Close();
    }

    /// <summary>Assigns all partitions of both topics, from their beginning.</summary>
    /// <returns>By partition, the offset before which every record is read.</returns>
    private SortedList<int, long> Assign(IConsumer<byte[], byte[]> consumer)
    {
        using var admin = clients.Admin();
        string[] topics = [clients.Options.TransactionsTopic, clients.Options.LabelsTopic];
        var partitions = topics.SelectMany(topic => admin.GetMetadata(topic, MetadataLimit).Topics.SelectMany(t => t.Partitions)
            .Select(partition => new TopicPartition(topic, partition.PartitionId))).ToList();
        // Assigned, not subscribed: a repair needs every partition, however the instances share them.
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        return new SortedList<int, long>(partitions.ToDictionary(SourceOf, partition => 0L));
    }

    private void Take(ConsumeResult<byte[], byte[]> record, Dictionary<CorruptProfile, RebuiltProfile> open, SortedList<int, long> reached)
    {
        var source = SourceOf(record.TopicPartition);
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (record.IsPartitionEOF)
        {
            // The end of the partition, also when it is empty or ends in control records, which are not returned as records.
            reached[source] = Math.Max(reached[source], record.Offset.Value);
            return;
        }
        var position = new RecordPosition(source, record.Offset.Value);
        if (record.Topic == clients.Options.TransactionsTopic)
        {
            if (TransactionRecord.Parse(position, record.Message.Value, keys, nowMs, []) is { } transaction)
            {
                foreach (var rebuilt in open.Values)
                {
                    rebuilt.Record(transaction);
                }
            }
        }
        else if (LabelRecord.Parse(position, record.Message.Value, keys, nowMs, []) is { } label)
        {
            foreach (var rebuilt in open.Values)
            {
                rebuilt.Record(label);
            }
        }
        // Also past records that are invalid or concern no open profile, since the markers have passed them, too.
        reached[source] = record.Offset.Value + 1;
    }

    private int SourceOf(TopicPartition partition) => AppliedOffsets.SourceOf(
        partition.Topic == clients.Options.TransactionsTopic ? TransactionRecord.TopicNumber : LabelRecord.TopicNumber,
        partition.Partition.Value);
}
