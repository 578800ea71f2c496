using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Features;
using FraudScoring.Server.Monitoring;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Server.Streams;

/// <summary>Takes what became known of payments, from the topic of labels, into the profiles of their entities.</summary>
/// <remarks>
/// A label is a <see cref="LabelEvent"/> in protobuf, or the same as JSON, so that an analyst can send one from a console. It counts for the
/// entities whose tokens it carries. One that carries none counts for those of its transaction; while that is not known, it is parked.
/// </remarks>
internal sealed class LabelConsumer(
    StreamDependencies dependencies, StreamHealth health, RedisRetry retry, TimeProvider time, ILogger<LabelConsumer> log)
    : StreamConsumer(dependencies, health, time, log)
{
    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(false));
    private static readonly TimeSpan TidyInterval = TimeSpan.FromMinutes(1);

    private readonly TransactionIndex _transactions = dependencies.Transactions;
    private readonly TimeProvider _time = time;
    private long _tidiedAt;

    protected override string Topic => Options.LabelsTopic;

    protected override int TopicNumber => 1;

    /// <summary>Reads a label from a record's value.</summary>
    /// <returns>Null when anything is wrong with it.</returns>
    public static Label? Parse(byte[]? value, long nowMs, out List<Fault>? faults)
    {
        if (!TryParse(value, out var message))
        {
            faults = [new Fault("value", "is not a fraud.scoring.v1.LabelEvent in protobuf or JSON")];
            return null;
        }
        return PaymentReader.Read(message, Limits, nowMs, out faults);
    }

    protected override List<Fault>? Read(StreamBatch batch, int source, ConsumeResult<byte[], byte[]> record)
    {
        if (Parse(record.Message.Value, NowMs, out var faults) is not { } label)
        {
            return faults;
        }
        batch.Labels.Add(new ReadLabel(source, record, label, Keys.OfLabel(label)));
        return null;
    }

    protected override async Task GatherAsync(StreamBatch batch, CancellationToken stop)
    {
        foreach (var read in batch.Labels.Where(read => !read.Label.HasEntity))
        {
            await PlaceAsync(read, stop);
        }
        await retry.UntilDoneAsync(() => _transactions.ClaimAsync(batch.Labels), stop);
        foreach (var read in batch.Labels)
        {
            if (read.IsDuplicate)
            {
                batch.Profiles.AddDuplicate();
                ServerMetrics.DuplicateEvents.WithLabels(Topic).Inc();
            }
            else if (read.HasPlace)
            {
                batch.Profiles.Add(read.Source, read.Record.Offset.Value, read.Label, read.Entities);
            }
        }
    }

    /// <summary>Finds the entities of a label that names none, or parks it, or puts it aside.</summary>
    private async Task PlaceAsync(ReadLabel read, CancellationToken stop)
    {
        var place = await retry.UntilDoneAsync(() => _transactions.FindOrParkAsync(read, NowMs), stop);
        read.Entities = place.Entities;
        if (place.IsParked)
        {
            ServerMetrics.LabelsParked.Inc();
        }
        else if (place.Entities.Length == 0)
        {
            await PutAsideAsync(read.Record, "parking_full",
                $"names no tokens, its transaction is not known, and {Options.MaxParkedLabels} labels wait already (Kafka:MaxParkedLabels)", stop);
        }
    }

    /// <summary>Puts labels aside that have waited too long. One instance does it: the one that reads the first partition.</summary>
    protected override async Task TidyAsync(IReadOnlyList<TopicPartition> assigned, CancellationToken stop)
    {
        if ((_tidiedAt != 0 && _time.GetElapsedTime(_tidiedAt) < TidyInterval) || !assigned.Any(partition => partition.Partition.Value == 0))
        {
            return;
        }
        _tidiedAt = _time.GetTimestamp();
        var oldestMs = NowMs - (Options.ParkedLabelHours * 3_600_000L);
        for (var bucket = 0; bucket < EntityKey.Buckets; bucket++)
        {
            foreach (var (transaction, label) in await retry.UntilDoneAsync(() => _transactions.ParkedAsync(bucket), stop))
            {
                if (label.ParkedMs < oldestMs)
                {
                    await DeadLetters.PublishAsync(RecordOf(label), "unknown_transaction",
                        $"names no tokens, and its transaction did not come within {Options.ParkedLabelHours} hours (Kafka:ParkedLabelHours)", stop);
                    var key = Parse(label.Value, NowMs, out _) is { } read ? Keys.OfLabel(read) : transaction;
                    await retry.UntilDoneAsync(() => _transactions.UnparkAsync(transaction, key, label), stop);
                }
            }
        }
    }

    private ConsumeResult<byte[], byte[]> RecordOf(ParkedLabel label) => new()
    {
        TopicPartitionOffset = new TopicPartitionOffset(Topic, label.Partition, label.Offset),
        Message = new Message<byte[], byte[]> { Value = label.Value },
    };

    private static bool TryParse(byte[]? value, out LabelEvent message)
    {
        message = new LabelEvent();
        try
        {
            // A protobuf record never begins with '{': that would be field 15, and the message has none.
            if (value is [(byte)'{', ..])
            {
                message = Json.Parse<LabelEvent>(System.Text.Encoding.UTF8.GetString(value));
                return true;
            }
            message.MergeFrom(value ?? []);
            return value is not null;
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException)
        {
            return false;
        }
    }
}
