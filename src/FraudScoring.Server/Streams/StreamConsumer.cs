using Confluent.Kafka;
using FraudScoring.Core.Features;
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
    /// <summary>
    /// The log may be read from its beginning, so any past is right; a time ahead of the clock would end the retention of what came before,
    /// or stand in front of what is still to come.
    /// </summary>
    protected static readonly PaymentLimits Limits = new() { MaxEventAge = TimeSpan.MaxValue, MaxEventAhead = TimeSpan.FromMinutes(10) };

    private const int MaxBatch = 2000;
    private const int CommitIntervalMs = 1000;
    private static readonly TimeSpan PollLimit = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(2);

    private readonly StreamPosition _position = new(time);
    private bool _missingTopicLogged;

    /// <summary>The topic that is consumed.</summary>
    protected abstract string Topic { get; }

    /// <summary>The topic's number in the profiles' offsets.</summary>
    protected abstract int TopicNumber { get; }

    /// <summary>The time now, milliseconds since the Unix epoch.</summary>
    protected long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Settings of the streams.</summary>
    protected KafkaOptions Options => clients.Options;

    /// <summary>Adds a record to the batch.</summary>
    /// <returns>Null, or all that is wrong with the record.</returns>
    protected abstract List<Fault>? Add(ProfileBatch batch, int source, ConsumeResult<byte[], byte[]> record);

    /// <summary>Learns since when the profiles are behind the topic's end, milliseconds since the Unix epoch; null when they are not.</summary>
    protected abstract void Report(long? behindSinceMs);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => ConsumeAsync(stoppingToken), CancellationToken.None);

    private async Task ConsumeAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var consumer = clients.Consumer($"{Options.GroupId}-{Topic}", Tune);
            try
            {
                _position.Reset();
                consumer.Subscribe(Topic);
                await ConsumeAsync(consumer, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Closing commits what is applied.
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
            var record = Poll(consumer, PollLimit);
            if (record is not null)
            {
                await TakeBatchAsync(consumer, record, stop);
            }
            Report(_position.BehindSince(consumer));
        }
    }

    private async Task TakeBatchAsync(IConsumer<byte[], byte[]> consumer, ConsumeResult<byte[], byte[]> first, CancellationToken stop)
    {
        batch.Clear();
        var last = first;
        var taken = 0;
        for (var record = first; record is not null; record = taken < MaxBatch ? Poll(consumer, TimeSpan.Zero) : null)
        {
            last = record;
            // Records that are put aside count too: a run of them must not keep what was read before from being applied.
            taken++;
            if (Add(batch, AppliedOffsets.SourceOf(TopicNumber, record.Partition.Value), record) is { } faults)
            {
                await deadLetters.PublishAsync(record, "invalid", Fault.Join(faults), stop);
            }
            _position.Read(record);
        }
        await writer.ApplyAsync(batch, stop);
        _position.Applied(consumer);
        var age = time.GetUtcNow() - last.Message.Timestamp.UtcDateTime;
        ServerMetrics.EventVisibleSeconds.WithLabels(Topic).Observe(Math.Max(0, age.TotalSeconds));
        ServerMetrics.EventsApplied.WithLabels(Topic).Inc(batch.Records);
    }

    private ConsumeResult<byte[], byte[]>? Poll(IConsumer<byte[], byte[]> consumer, TimeSpan limit)
    {
        try
        {
            return consumer.Consume(limit);
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
        // In the background, and only what is stored as applied: a commit that waits for a lost broker must not hold up the loop.
        config.EnableAutoCommit = true;
        config.AutoCommitIntervalMs = CommitIntervalMs;
        // A topic that appears, or gets partitions, is seen within seconds rather than minutes.
        config.TopicMetadataRefreshIntervalMs = 5000;
        config.FetchWaitMaxMs = 50;
    }
}
