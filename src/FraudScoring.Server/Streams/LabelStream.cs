using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>The topic of labels.</summary>
/// <remarks>
/// A label applies to the entities whose tokens it has. A label without tokens applies to the entities of its transaction. While that is
/// unknown, it is parked (see <see cref="TransactionIndex"/>), until the transaction arrives or <see cref="LabelSearch"/> finds it.
/// <para>
/// When the log is read again, labels are read long before their payments, of which there are many more. A label that finds no room then
/// waits with all that follow it in its partition, until payments have made room, or until all payments that existed are read.
/// </para>
/// </remarks>
internal sealed class LabelStream(
    KafkaOptions options, LabelsOptions labelsOptions, PaymentLimits limits, ProfileKeys keys, TransactionIndex transactions,
    ParkedLabels parked, LabelSearch search, StreamHealth payments, RedisRetry retry, TimeProvider time) : IRecordStream
{
    // Since when labels find no room, and whether one did since the last checkpoint.
    private long? _fullSince;
    private bool _isFull;

    /// <inheritdoc />
    public string Topic => options.LabelsTopic;

    /// <inheritdoc />
    public int TopicNumber => LabelRecord.TopicNumber;

    /// <inheritdoc />
    // Labels come days after their payments.
    public TimeSpan FetchWait => TimeSpan.FromMilliseconds(200);

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc />
    public bool Parse(IngestBatch batch, RecordPosition position, ConsumeResult<byte[], byte[]> record, Faults faults)
    {
        var nowMs = RecordClock.JudgedAtMs(record, NowMs);
        if (LabelRecord.Parse(position, record.Message.Value, keys, limits, nowMs, faults) is not { } label)
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
            if (batch.IsBehindCut(record.TopicPartition, label.Position.Offset))
            {
                continue;
            }
            if (label.Label.HasEntity)
            {
                placed.Add(label);
            }
            else if (await PlaceAsync(batch, label, record, stop) is { } found)
            {
                placed.Add(found);
            }
        }
        await parked.UnparkRepeatedAsync([.. placed.Where(label => label.Label.HasEntity)], stop);
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
    /// Only the instance that reads partition 0 searches for the payments of parked labels, so that no lock among instances is needed.
    /// </summary>
    public Task TidyAsync(IReadOnlyList<TopicPartition> assigned, CancellationToken stop)
    {
        search.Lead(assigned.Any(partition => partition.Partition.Value == 0));
        _fullSince = _isFull ? _fullSince : null;
        _isFull = false;
        return Task.CompletedTask;
    }

    /// <summary>
    /// Finds the entities of a label without tokens; else parks it, or refuses it if it came too late or there is no room for it, or ends
    /// the batch before it if room may come.
    /// </summary>
    /// <returns>The label with its entities; null if it is not to be applied.</returns>
    private async Task<LabelRecord?> PlaceAsync(
        IngestBatch batch, LabelRecord label, ConsumeResult<byte[], byte[]> record, CancellationToken stop)
    {
        var place = await retry.UntilDoneAsync(() => transactions.FindOrParkAsync(label, NowMs), stop);
        if (place.IsParked)
        {
            ServerMetrics.LabelsParked.Inc();
        }
        else if (place.Entities.Length > 0)
        {
            // A claim of an earlier release does not have the payment's time.
            if (labelsOptions.IsWithinHorizon(label.Label, place.PaymentMs ?? label.Label.EventTimeMs))
            {
                return label with { Entities = place.Entities, PreviousEntities = place.PreviousEntities };
            }
            batch.Refuse(new RefusedRecord(record, ParkedLabels.Late, ParkedLabels.DescribeLate(labelsOptions)));
        }
        else if (IsRoomToCome())
        {
            batch.CutAt(label.Position, record.TopicPartition);
        }
        else
        {
            batch.Refuse(new RefusedRecord(record, "parking_full",
                $"has no tokens, its transaction is unknown, and labels are parked for {options.MaxParkedLabels} transactions "
                    + $"(Kafka:MaxParkedLabels), or {TransactionIndex.MostParkedOfOne} for this one"));
        }
        return null;
    }

    /// <summary>
    /// True unless all payments are applied that existed when a label first found no room: the label's may be among them.
    /// </summary>
    private bool IsRoomToCome()
    {
        _isFull = true;
        _fullSince ??= time.GetTimestamp();
        return !payments.HasApplied(_fullSince.Value);
    }
}
