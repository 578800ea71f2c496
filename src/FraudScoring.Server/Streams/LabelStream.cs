using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>The topic of labels.</summary>
/// <remarks>
/// A label applies to the entities whose tokens it has. A label without tokens applies to the entities of its transaction; until the
/// transaction is known, it is parked (see <see cref="TransactionIndex"/>).
/// </remarks>
internal sealed class LabelStream(
    KafkaOptions options, ProfileKeys keys, TransactionIndex transactions, DeadLetterProducer deadLetters, RedisRetry retry,
    TimeProvider time) : IRecordStream
{
    private static readonly TimeSpan TidyInterval = TimeSpan.FromMinutes(1);

    private long _tidiedAt;

    /// <inheritdoc />
    public string Topic => options.LabelsTopic;

    /// <inheritdoc />
    public int TopicNumber => LabelRecord.TopicNumber;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc />
    public bool Parse(IngestBatch batch, RecordPosition position, ConsumeResult<byte[], byte[]> record, Faults faults)
    {
        if (LabelRecord.Parse(position, record.Message.Value, keys, NowMs, faults) is not { } label)
        {
            return false;
        }
        batch.Accept(label, record);
        return true;
    }

    /// <remarks>Completes the claims: the profiles that a label updates are known only after that, so no read can overlap them.</remarks>
    public async Task ClaimAsync(IngestBatch batch, CancellationToken stop)
    {
        var since = IngestClock.Now;
        var placed = new List<LabelRecord>(batch.Labels.Count);
        foreach (var (label, record) in batch.Labels)
        {
            if (label.Label.HasEntity)
            {
                placed.Add(label);
            }
            else if (await PlaceAsync(batch, label, record, stop) is { Length: > 0 } entities)
            {
                placed.Add(label with { Entities = entities });
            }
        }
        var duplicates = await retry.UntilDoneAsync(() => transactions.ClaimAsync(placed), stop);
        foreach (var label in placed)
        {
            if (duplicates.Contains(label.Position))
            {
                batch.CountDuplicate();
                ServerMetrics.DuplicateEvents.WithLabels(Topic).Inc();
            }
            else
            {
                batch.Update(label);
            }
        }
        batch.MarkClaimed();
        batch.Clock.Record(IngestStage.Claim, since);
    }

    /// <inheritdoc />
    public Task CompleteAsync(IngestBatch batch, CancellationToken stop) => Task.CompletedTask;

    /// <summary>
    /// Sends labels that were parked for too long to the dead-letter topic. Only the instance that reads partition 0 does this, so that no
    /// lock among instances is needed.
    /// </summary>
    public async Task TidyAsync(IReadOnlyList<TopicPartition> assigned, CancellationToken stop)
    {
        if ((_tidiedAt != 0 && time.GetElapsedTime(_tidiedAt) < TidyInterval) || !assigned.Any(partition => partition.Partition.Value == 0))
        {
            return;
        }
        _tidiedAt = time.GetTimestamp();
        var oldestMs = NowMs - (options.ParkedLabelHours * MillisecondsPer.Hour);
        for (var bucket = 0; bucket < EntityKey.Buckets; bucket++)
        {
            foreach (var (transaction, label) in await retry.UntilDoneAsync(() => transactions.ParkedAsync(bucket), stop))
            {
                if (label.ParkedMs < oldestMs)
                {
                    // Published before it is unparked: a crash in between repeats the dead letter, and does not lose the label.
                    await deadLetters.PublishAsync(
                        RecordOf(label), "unknown_transaction",
                        $"has no tokens, and its transaction did not arrive within Kafka:ParkedLabelHours ({options.ParkedLabelHours})",
                        stop);
                    // A clock that was set back can make the label invalid. It must leave the parking all the same.
                    var key = LabelRecord.Parse(label, keys, NowMs)?.Key ?? transaction;
                    await retry.UntilDoneAsync(() => transactions.UnparkAsync(transaction, key, label), stop);
                }
            }
        }
    }

    /// <summary>Finds the entities of a label without tokens; else parks it, or refuses it if there is no room.</summary>
    private async Task<EntityKey[]> PlaceAsync(
        IngestBatch batch, LabelRecord label, ConsumeResult<byte[], byte[]> record, CancellationToken stop)
    {
        var place = await retry.UntilDoneAsync(() => transactions.FindOrParkAsync(label, NowMs), stop);
        if (place.IsParked)
        {
            ServerMetrics.LabelsParked.Inc();
        }
        else if (place.Entities.Length == 0)
        {
            batch.Refuse(new RefusedRecord(record, "parking_full",
                $"has no tokens, its transaction is unknown, and the limit of {options.MaxParkedLabels} parked labels is reached "
                    + "(Kafka:MaxParkedLabels)"));
        }
        return place.Entities;
    }

    private ConsumeResult<byte[], byte[]> RecordOf(ParkedLabel label) => new()
    {
        TopicPartitionOffset = new TopicPartitionOffset(Topic, label.Partition, label.Offset),
        Message = new Message<byte[], byte[]> { Value = label.Value },
    };
}
