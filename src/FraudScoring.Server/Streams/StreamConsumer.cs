using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Takes the records of one topic into the profiles, in batches. A record's offset is committed only after the record is in every
/// profile it belongs to; what is read again after a crash or a rebalance is known by its offset and changes nothing.
/// </summary>
internal abstract class StreamConsumer(
    KafkaClients clients, RedisProfileWriter writer, ProfileBatch batch, DeadLetterProducer deadLetters, TimeProvider time, ILogger log)
    : BackgroundService
{
    private const int MaxBatch = 2000;
    private static readonly TimeSpan PollLimit = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CommitInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(2);

    private readonly Dictionary<TopicPartition, long> _applied = [];
    private long _committed;
    private bool _missingTopicLogged;

    /// <summary>The topic that is consumed.</summary>
    protected abstract string Topic { get; }

    /// <summary>The topic's number in the profiles' offsets.</summary>
    protected abstract int TopicNumber { get; }

    /// <summary>Settings of the streams.</summary>
    protected KafkaOptions Options => clients.Options;

    /// <summary>Adds a record to the batch.</summary>
    /// <returns>Null, or all that is wrong with the record.</returns>
    protected abstract List<Fault>? Add(ProfileBatch batch, int source, ConsumeResult<byte[], byte[]> record);

    /// <summary>Learns after every batch how far behind the topic's end the profiles are.</summary>
    protected abstract void Report(bool caughtUp, long recordTimeMs);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => ConsumeAsync(stoppingToken), CancellationToken.None);

    private async Task ConsumeAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var consumer = clients.Consumer($"{Options.GroupId}-{Topic}", Tune);
            try
            {
                consumer.Subscribe(Topic);
                await ConsumeAsync(consumer, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                Commit(consumer);
            }
            catch (KafkaException e)
            {
                log.ConsumerRestarted(Topic, RestartPause, e.Error.Reason);
                await Task.Delay(RestartPause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            finally
            {
                consumer.Close();
            }
        }
    }

    private async Task ConsumeAsync(IConsumer<byte[], byte[]> consumer, CancellationToken stop)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var record = Poll(consumer);
            if (record is null)
            {
                Report(true, 0);
                CommitWhenDue(consumer);
                continue;
            }
            var last = record;
            batch.Clear();
            while (record is not null)
            {
                last = record;
                await TakeAsync(record, stop);
                record = batch.Records < MaxBatch ? consumer.Consume(TimeSpan.Zero) : null;
            }
            await writer.ApplyAsync(batch, stop);
            Applied(consumer, last);
            CommitWhenDue(consumer);
        }
    }

    private ConsumeResult<byte[], byte[]>? Poll(IConsumer<byte[], byte[]> consumer)
    {
        try
        {
            return consumer.Consume(PollLimit);
        }
        catch (ConsumeException e) when (e.Error.Code == ErrorCode.UnknownTopicOrPart)
        {
            // Nobody has written to it yet. The client looks for it again by itself.
            if (!_missingTopicLogged)
            {
                log.TopicMissing(Topic);
                _missingTopicLogged = true;
            }
            return null;
        }
    }

    private static void Tune(ConsumerConfig config)
    {
        config.AllowAutoCreateTopics = true;
        // A topic that appears, or gets partitions, is seen within seconds rather than minutes.
        config.TopicMetadataRefreshIntervalMs = 5000;
        config.FetchWaitMaxMs = 50;
    }

    private async Task TakeAsync(ConsumeResult<byte[], byte[]> record, CancellationToken stop)
    {
        if (Add(batch, Core.Features.AppliedOffsets.SourceOf(TopicNumber, record.Partition.Value), record) is { } faults)
        {
            await deadLetters.PublishAsync(record, "invalid", Fault.Join(faults), stop);
        }
        _applied[record.TopicPartition] = record.Offset.Value + 1;
    }

    private void Applied(IConsumer<byte[], byte[]> consumer, ConsumeResult<byte[], byte[]> last)
    {
        var lag = time.GetUtcNow() - last.Message.Timestamp.UtcDateTime;
        ServerMetrics.EventVisibleSeconds.WithLabels(Topic).Observe(Math.Max(0, lag.TotalSeconds));
        ServerMetrics.EventsApplied.WithLabels(Topic).Inc(batch.Records);
        var caughtUp = consumer.Assignment.TrueForAll(partition =>
            !_applied.TryGetValue(partition, out var next) || next >= consumer.GetWatermarkOffsets(partition).High.Value);
        Report(caughtUp, last.Message.Timestamp.UnixTimestampMs);
    }

    private void CommitWhenDue(IConsumer<byte[], byte[]> consumer)
    {
        if (_applied.Count > 0 && time.GetElapsedTime(_committed) >= CommitInterval)
        {
            Commit(consumer);
        }
    }

    private void Commit(IConsumer<byte[], byte[]> consumer)
    {
        _committed = time.GetTimestamp();
        var assigned = consumer.Assignment.ToHashSet();
        var offsets = _applied.Where(pair => assigned.Contains(pair.Key)).Select(pair => new TopicPartitionOffset(pair.Key, pair.Value)).ToList();
        _applied.Clear();
        if (offsets.Count == 0)
        {
            return;
        }
        try
        {
            consumer.Commit(offsets);
        }
        catch (KafkaException e)
        {
            // A later commit, or reading the records again, does as well.
            log.CommitFailed(Topic, e.Error.Reason);
        }
    }
}
