using Confluent.Kafka;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Takes the records of one topic into the profiles, in batches. A record's offset is committed only after the record is in every
/// profile it belongs to and the markers say so; what is read again after a crash or a rebalance is known by its offset and changes
/// nothing. When Redis has lost data, the log is read again from the markers.
/// </summary>
internal abstract class StreamConsumer : BackgroundService
{
    /// <summary>
    /// The log may be read from its beginning, so any past is right; a time ahead of the clock would end the retention of what came before,
    /// or stand in front of what is still to come.
    /// </summary>
    protected static readonly PaymentLimits Limits = new() { MaxEventAge = TimeSpan.MaxValue, MaxEventAhead = TimeSpan.FromMinutes(10) };

    private const int MaxBatch = 2000;
    private static readonly TimeSpan PollLimit = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CommitInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);

    private readonly KafkaClients _clients;
    private readonly FeatureCatalogue _catalogue;
    private readonly RedisProfileWriter _writer;
    private readonly ProfileBatch _batch;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly StreamPosition _position;
    private readonly StreamRecovery _recovery;
    private readonly HashSet<TopicPartition> _changed = [];
    private ConsumeResult<byte[], byte[]>? _held;
    private bool _isLost;
    private bool _missingTopicLogged;
    private long _checkedAt;

    protected StreamConsumer(StreamDependencies dependencies, TimeProvider time, ILogger log)
    {
        (_clients, _catalogue, DeadLetters) = (dependencies.Clients, dependencies.Catalogue, dependencies.DeadLetters);
        (_writer, Keys) = (dependencies.Writer, dependencies.Keys);
        (_time, _log) = (time, log);
        _batch = new ProfileBatch(_catalogue, Keys, _writer.Markers);
        _position = new StreamPosition(time);
        _recovery = new StreamRecovery(_writer, _position, TopicNumber, log);
    }

    /// <summary>The topic that is consumed.</summary>
    protected abstract string Topic { get; }

    /// <summary>The topic's number in the profiles' offsets.</summary>
    protected abstract int TopicNumber { get; }

    /// <summary>The time now, milliseconds since the Unix epoch.</summary>
    protected long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Settings of the streams.</summary>
    protected KafkaOptions Options => _clients.Options;

    /// <summary>Names of what is kept.</summary>
    protected ProfileKeys Keys { get; }

    /// <summary>Takes what cannot be used.</summary>
    protected DeadLetterProducer DeadLetters { get; }

    /// <summary>A batch begins: nothing of the one before is kept any longer.</summary>
    protected abstract void Begin();

    /// <summary>Reads a record, and keeps it for <see cref="GatherAsync"/>.</summary>
    /// <returns>Null, or all that is wrong with the record.</returns>
    protected abstract List<Fault>? Read(int source, ConsumeResult<byte[], byte[]> record);

    /// <summary>Adds what was read to the batch.</summary>
    protected abstract Task GatherAsync(ProfileBatch batch, CancellationToken stop);

    /// <summary>The batch is in the profiles.</summary>
    protected abstract Task EndAsync(CancellationToken stop);

    /// <summary>Learns since when the profiles are behind the topic's end, milliseconds since the Unix epoch; null when they are not.</summary>
    protected abstract void Report(long? behindSinceMs);

    /// <summary>Does what is to be done now and then.</summary>
    protected virtual Task TidyAsync(IReadOnlyList<TopicPartition> assigned, CancellationToken stop) => Task.CompletedTask;

    /// <summary>Puts a record aside, unless that was done when it was read the first time.</summary>
    protected Task PutAsideAsync(ConsumeResult<byte[], byte[]> record, string kind, string reason, CancellationToken stop) =>
        _recovery.IsReplay(record) ? Task.CompletedTask : DeadLetters.PublishAsync(record, kind, reason, stop);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => ConsumeAsync(stoppingToken), CancellationToken.None);

    private async Task ConsumeAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            // Profiles of another layout are another state of the log, so they have offsets of their own.
            using var consumer = _clients.Consumer($"{Options.GroupId}-{_catalogue.LayoutHash}-{Topic}", Tune, Listen);
            try
            {
                Reset();
                consumer.Subscribe(Topic);
                await ConsumeAsync(consumer, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Closing commits what is applied.
            }
            catch (KafkaException e)
            {
                _log.ConsumerRestarted(Topic, RestartPause, e.Error.Reason);
                await Task.Delay(RestartPause, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            finally
            {
                consumer.Close();
            }
        }
    }

    private void Reset()
    {
        _position.Reset();
        _writer.Markers.Clear();
        _changed.Clear();
        (_held, _isLost) = (null, false);
    }

    private async Task ConsumeAsync(IConsumer<byte[], byte[]> consumer, CancellationToken stop)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var record = _held ?? Poll(consumer, PollLimit);
            _held = null;
            ForgetChanged();
            var sought = await _recovery.PlaceAsync(consumer, _isLost, stop);
            _isLost = false;
            if (record is not null && !sought.Contains(record.TopicPartition) && _recovery.IsInPlace(record.TopicPartition))
            {
                await TakeBatchAsync(consumer, record, stop);
            }
            await CheckpointAsync(consumer, stop);
            Report(_position.BehindSince(consumer));
        }
    }

    private async Task TakeBatchAsync(IConsumer<byte[], byte[]> consumer, ConsumeResult<byte[], byte[]> first, CancellationToken stop)
    {
        _batch.Clear();
        Begin();
        var last = first;
        var taken = 0;
        for (var record = first; record is not null; record = taken < MaxBatch ? Poll(consumer, TimeSpan.Zero) : null)
        {
            if (_changed.Count > 0)
            {
                // Partitions came or went: the batch ends here, by what was known of them, and the next one begins with this record.
                _held = record;
                break;
            }
            last = record;
            // Records that are put aside count too: a run of them must not keep what was read before from being applied.
            taken++;
            var source = AppliedOffsets.SourceOf(TopicNumber, record.Partition.Value);
            if (Read(source, record) is { } faults)
            {
                await PutAsideAsync(record, "invalid", Fault.Join(faults), stop);
            }
            _batch.Read(source, record.Offset.Value);
            _position.Read(record);
        }
        await GatherAsync(_batch, stop);
        _isLost = !await _writer.ApplyAsync(_batch, stop);
        if (_isLost)
        {
            return;
        }
        await EndAsync(stop);
        _position.Applied();
        var age = _time.GetUtcNow() - last.Message.Timestamp.UtcDateTime;
        ServerMetrics.EventVisibleSeconds.WithLabels(Topic).Observe(Math.Max(0, age.TotalSeconds));
        ServerMetrics.EventsApplied.WithLabels(Topic).Inc(_batch.Records);
    }

    /// <summary>Moves the markers up to what is applied, and then lets the client commit it; now and then only looks whether they are there.</summary>
    private async Task CheckpointAsync(IConsumer<byte[], byte[]> consumer, CancellationToken stop)
    {
        var since = _time.GetElapsedTime(_checkedAt);
        if (_isLost || since < CommitInterval || (since < CheckInterval && !_position.IsAhead))
        {
            return;
        }
        _checkedAt = _time.GetTimestamp();
        var nextOffsets = new SortedList<int, long>();
        foreach (var (partition, next) in _position.NextOffsets)
        {
            nextOffsets.Add(AppliedOffsets.SourceOf(TopicNumber, partition.Partition.Value), next);
        }
        _isLost = !await _writer.CheckpointAsync(nextOffsets, stop);
        if (!_isLost)
        {
            _position.Store(consumer);
            await TidyAsync(consumer.Assignment, stop);
        }
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
                _log.TopicMissing(Topic);
                _missingTopicLogged = true;
            }
            return null;
        }
    }

    private void Listen(ConsumerBuilder<byte[], byte[]> builder)
    {
        builder.SetPartitionsAssignedHandler((_, partitions) => _changed.UnionWith(partitions));
        builder.SetPartitionsRevokedHandler((_, partitions) => _changed.UnionWith(partitions.Select(p => p.TopicPartition)));
        builder.SetPartitionsLostHandler((_, partitions) => _changed.UnionWith(partitions.Select(p => p.TopicPartition)));
    }

    private void ForgetChanged()
    {
        foreach (var partition in _changed)
        {
            _position.Forget(partition);
            _writer.Markers.Forget(AppliedOffsets.SourceOf(TopicNumber, partition.Partition.Value));
        }
        _changed.Clear();
    }

    private static void Tune(ConsumerConfig config)
    {
        config.AllowAutoCreateTopics = true;
        // In the background, and only what is stored as applied: a commit that waits for a lost broker must not hold up the loop.
        config.EnableAutoCommit = true;
        config.AutoCommitIntervalMs = (int)CommitInterval.TotalMilliseconds;
        // A topic that appears, or gets partitions, is seen within seconds rather than minutes.
        config.TopicMetadataRefreshIntervalMs = 5000;
        config.FetchWaitMaxMs = 50;
    }
}

/// <summary>What every consumer of a stream works with.</summary>
/// <param name="Clients">Makes the Kafka client.</param>
/// <param name="Catalogue">Says what is kept.</param>
/// <param name="Keys">Names what is kept.</param>
/// <param name="Writer">Writes it, for this consumer alone.</param>
/// <param name="Transactions">Knows transactions.</param>
/// <param name="DeadLetters">Takes what cannot be used.</param>
internal sealed record StreamDependencies(
    KafkaClients Clients, FeatureCatalogue Catalogue, ProfileKeys Keys, RedisProfileWriter Writer, TransactionIndex Transactions,
    DeadLetterProducer DeadLetters);
