using Confluent.Kafka;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
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

    private const int MaxBatch = 4000;
    // Whatever became of it, and on this thread.
    private const ConfigureAwaitOptions Here = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;
    private static readonly TimeSpan PollLimit = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan NewerPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CommitInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);

    private readonly KafkaClients _clients;
    private readonly FeatureCatalogue _catalogue;
    private readonly RedisProfileWriter _writer;
    private StreamBatch _reading, _applying;
    private readonly StreamHealth _health;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly StreamPosition _position;
    private readonly StreamRecovery _recovery;
    private readonly HashSet<TopicPartition> _changed = [];
    private ConsumeResult<byte[], byte[]>? _held;
    private Task<bool>? _apply;
    private bool _isLost;
    private bool _missingTopicLogged;
    private long _checkedAt;

    protected StreamConsumer(StreamDependencies dependencies, StreamHealth health, TimeProvider time, ILogger log)
    {
        (_clients, _catalogue, DeadLetters) = (dependencies.Clients, dependencies.Catalogue, dependencies.DeadLetters);
        (_writer, Keys) = (dependencies.Writer, dependencies.Keys);
        (_health, _time, _log) = (health, time, log);
        _reading = new StreamBatch(new ProfileBatch(_catalogue, Keys, _writer.Markers), TopicNumber);
        _applying = new StreamBatch(new ProfileBatch(_catalogue, Keys, _writer.Markers), TopicNumber);
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

    /// <summary>Reads a record, and keeps it for <see cref="GatherAsync"/>.</summary>
    /// <returns>Null, or all that is wrong with the record.</returns>
    protected abstract List<Fault>? Read(StreamBatch batch, int source, ConsumeResult<byte[], byte[]> record);

    /// <summary>Makes updates of profiles from what was read.</summary>
    protected abstract Task GatherAsync(StreamBatch batch, CancellationToken stop);

    /// <summary>The batch is in the profiles.</summary>
    protected virtual Task EndAsync(StreamBatch batch, CancellationToken stop) => Task.CompletedTask;

    /// <summary>Does what is to be done now and then.</summary>
    protected virtual Task TidyAsync(IReadOnlyList<TopicPartition> assigned, CancellationToken stop) => Task.CompletedTask;

    /// <summary>Puts a record aside, unless that was done when it was read the first time.</summary>
    protected Task PutAsideAsync(ConsumeResult<byte[], byte[]> record, string kind, string reason, CancellationToken stop) =>
        _recovery.IsReplay(record) ? Task.CompletedTask : DeadLetters.PublishAsync(record, kind, reason, stop);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => StreamThread.RunAsync(Topic, () => ConsumeAsync(stoppingToken));

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
            catch (Exception e) when (e is KafkaException or NewerProfileException)
            {
                // An instance of the newer release takes the partitions meanwhile; this one goes on answering.
                var pause = e is KafkaException ? RestartPause : NewerPause;
                consumer.Unsubscribe();
                _log.ConsumerRestarted(Topic, pause, e.Message);
                await Task.Delay(pause, _time, stop).ConfigureAwait(Here);
            }
            finally
            {
                // The writer and the batches are not used again before the last write with them has ended.
                await ((Task?)_apply ?? Task.CompletedTask).ConfigureAwait(Here);
                consumer.Close();
            }
        }
    }

    private void Reset()
    {
        _position.Reset();
        _writer.Markers.Clear();
        _changed.Clear();
        (_held, _apply, _isLost) = (null, null, false);
    }

    /// <summary>While one batch is written, the next one is read.</summary>
    private async Task ConsumeAsync(IConsumer<byte[], byte[]> consumer, CancellationToken stop)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var record = _held ?? Poll(consumer, PollLimit);
            _held = null;
            var sought = await PlaceAsync(consumer, stop);
            if (record is not null && !sought.Contains(record.TopicPartition) && _recovery.IsInPlace(record.TopicPartition))
            {
                await ReadAsync(consumer, record, stop);
                await FinishAsync();
                if (!_isLost)
                {
                    (_reading, _applying) = (_applying, _reading);
                    // Elsewhere: this thread waits for the next records.
                    var batch = _applying;
                    _apply = Task.Run(() => ApplyAsync(batch, stop), CancellationToken.None);
                }
            }
            await CheckpointAsync(consumer, stop);
            _health.Report(_position.BehindSince(consumer), _position.Remaining(consumer));
        }
    }

    private async Task<HashSet<TopicPartition>> PlaceAsync(IConsumer<byte[], byte[]> consumer, CancellationToken stop)
    {
        if (_changed.Count > 0)
        {
            await FinishAsync();
        }
        foreach (var partition in _changed)
        {
            _position.Forget(partition);
            _writer.Markers.Forget(AppliedOffsets.SourceOf(TopicNumber, partition.Partition.Value));
        }
        _changed.Clear();
        var isLost = _isLost;
        _isLost = false;
        return await _recovery.PlaceAsync(consumer, isLost, stop);
    }

    private async Task ReadAsync(IConsumer<byte[], byte[]> consumer, ConsumeResult<byte[], byte[]> first, CancellationToken stop)
    {
        await _reading.Profiles.Settled.ConfigureAwait(Here);
        _reading.Clear();
        var (taken, start) = (0, _time.GetTimestamp());
        for (var record = first; record is not null; record = taken < MaxBatch ? Poll(consumer, TimeLeft(start)) : null)
        {
            if (_changed.Count > 0)
            {
                // Partitions came or went: the batch ends here, by what was known of them, and the next one begins with this record.
                _held = record;
                break;
            }
            // Records that are put aside count too: a run of them must not keep what was read before from being applied.
            taken++;
            if (Read(_reading, AppliedOffsets.SourceOf(TopicNumber, record.Partition.Value), record) is { } faults)
            {
                await PutAsideAsync(record, "invalid", Fault.Join(faults), stop);
            }
            _reading.Add(record);
        }
        await GatherAsync(_reading, stop);
    }

    /// <summary>A batch is gathered for a moment: what it costs besides its records is the same for one as for many.</summary>
    private TimeSpan TimeLeft(long start) =>
        TimeSpan.FromMilliseconds(Math.Max(0, Options.BatchLingerMs - _time.GetElapsedTime(start).TotalMilliseconds));

    private async Task<bool> ApplyAsync(StreamBatch batch, CancellationToken stop)
    {
        if (!await _writer.ApplyAsync(batch.Profiles, stop))
        {
            return false;
        }
        await EndAsync(batch, stop);
        var (now, visible) = (NowMs, ServerMetrics.EventVisibleSeconds.WithLabels(Topic));
        batch.TimestampsMs.ForEach(timestamp => visible.Observe(Math.Max(0, (now - timestamp) / 1000.0)));
        ServerMetrics.EventsApplied.WithLabels(Topic).Inc(batch.Profiles.Records);
        return true;
    }

    /// <summary>Waits for the batch that is being written.</summary>
    private async Task FinishAsync()
    {
        if (_apply is { } apply)
        {
            _apply = null;
            _isLost = !await apply;
            if (!_isLost)
            {
                _position.Applied(_applying);
            }
        }
    }

    /// <summary>Moves the markers up to what is applied, and then lets the client commit it; now and then only looks whether they are there.</summary>
    private async Task CheckpointAsync(IConsumer<byte[], byte[]> consumer, CancellationToken stop)
    {
        var since = _time.GetElapsedTime(_checkedAt);
        if (since < CommitInterval || (since < CheckInterval && _apply is null && !_position.IsAhead))
        {
            return;
        }
        await FinishAsync();
        if (_isLost)
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

    private void Tune(ConsumerConfig config)
    {
        config.SessionTimeoutMs = Options.SessionTimeoutSeconds * 1000;
        config.HeartbeatIntervalMs = config.SessionTimeoutMs / 4;
        config.AllowAutoCreateTopics = true;
        // In the background, and only what is stored as applied: a commit that waits for a lost broker must not hold up the loop.
        config.EnableAutoCommit = true;
        config.AutoCommitIntervalMs = (int)CommitInterval.TotalMilliseconds;
        // A topic that appears, or gets partitions, is seen within seconds rather than minutes.
        config.TopicMetadataRefreshIntervalMs = 5000;
        // Brokers gather records for a moment: thousands of fetches per second cost more than the records in them.
        config.FetchMinBytes = 16 * 1024;
        config.FetchWaitMaxMs = 10;
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
