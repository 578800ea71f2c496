using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Applies the records of one topic to the profiles, in batches. Markers in Redis hold, per bucket of keys and partition, the offset before
/// which every record is applied. An offset is committed only after the markers have passed it. Records that are read again after a crash
/// or a rebalance are recognised by their offsets and skipped. When Redis has lost data, the loop rewinds the topic to the markers.
/// </summary>
/// <remarks>
/// The path of a batch. The numbers are those in the body, the names those of <see cref="IngestStage"/>:
/// <code>
///                      Kafka                                   Redis
/// 1 Poll         records ──►  collect them for Kafka:BatchLingerMs, 4000 at most
/// 2 Parse                     parse each into a payment or a label; invalid records go to the dead-letter topic
/// 3 Claim                     record each id, drop duplicates ◄──►  transactions, labels
/// 4 Read                      the touched profiles            ◄──   versions, profiles
/// 5 Apply                     the records each profile does not have yet
/// 6 Write                     by compare-and-set, per bucket  ──►   profiles, versions, markers
/// 7 Checkpoint   commit  ◄──  every second, 5 s when idle     ──►   markers of all buckets
/// </code>
/// Two batches are on the path at a time: while stages 4 to 6 of one run on the thread pool, the loop's own thread is at stages 1 to 3 of
/// the next. Kafka and Redis thus work at the same time, and a batch costs the slower of the two instead of their sum. More than two would
/// not help: batches update the same profiles, so each must be written before the next is read.
/// <para>
/// Claims of transactions run in parallel with stage 4 and are awaited before stage 5: almost every payment is new, so reading the profiles
/// before the answer is known rarely wastes a read, and saves a round trip to Redis per batch. Claims of labels end before stage 4, because
/// their result determines which profiles a label updates. <see cref="IngestBatchState"/> says where a batch is.
/// </para>
/// </remarks>
internal sealed class IngestLoop : BackgroundService
{
    private const int MaxBatch = 4000;
    // Ignores the task's outcome, and continues on this thread.
    private const ConfigureAwaitOptions Here = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;
    private static readonly TimeSpan PollLimit = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan NewerPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CutPause = TimeSpan.FromMilliseconds(500);

    private readonly IRecordStream _stream;
    private readonly RedisProfileWriter _writer;
    private readonly DeadLetterProducer _deadLetters;
    private readonly StreamHealth _health;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly int _lingerMs;
    private readonly Faults _faults = new();
    private readonly StreamSubscription _subscription;
    private readonly StreamPosition _position;
    private readonly StreamRecovery _recovery;
    private readonly MissingHistory _missing;
    private readonly Lazy<IAdminClient> _admin;
    private readonly PartitionEnds _brokers;
    private readonly TopicIdentity _identity;
    private readonly TopicSources _sources;
    private readonly FreshnessReport _report;
    private readonly StreamGauges _gauges;
    private readonly IngestClock _checkpointClock;
    private readonly RecordIntake _intake;
    private readonly Task _erasuresKnown;
    private IngestBatch _filling, _applying;
    private ConsumeResult<byte[], byte[]>? _held;
    private Task<bool>? _apply;
    private bool _isLost;
    private long _checkedAt;

    /// <param name="stream">The parts that differ between the topics.</param>
    /// <param name="keys">Names the profiles.</param>
    /// <param name="writer">Writes the profiles; used by this loop alone.</param>
    /// <param name="clients">Creates the Kafka consumer.</param>
    /// <param name="deadLetters">Receives invalid records.</param>
    /// <param name="freshness">Receives until when the records are applied.</param>
    /// <param name="missing">Finds history that is missing.</param>
    /// <param name="generations">Counts how often the topic was recreated.</param>
    /// <param name="retry">Retries commands of Redis.</param>
    /// <param name="health">Receives the number of records that are left.</param>
    /// <param name="gauges">Show it by partition.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    public IngestLoop(
        IRecordStream stream, ProfileKeys keys, RedisProfileWriter writer, KafkaClients clients, DeadLetterProducer deadLetters,
        StreamFreshness freshness, MissingHistory missing, TopicGenerations generations,
        RedisRetry retry, StreamHealth health, StreamGauges gauges, TimeProvider time, ILogger<IngestLoop> log)
    {
        (_stream, _writer, _deadLetters, _health, _gauges, _time, _log) = (stream, writer, deadLetters, health, gauges, time, log);
        _lingerMs = clients.Options.BatchLingerMs;
        var group = clients.Options.Group(keys.Catalogue.LayoutHash, stream.Topic);
        _subscription = new StreamSubscription(clients, group, stream, time, log);
        _position = new StreamPosition(time);
        _missing = missing;
        // The address of Kafka is not known before the service starts.
        _admin = new Lazy<IAdminClient>(clients.Admin);
        _brokers = new PartitionEnds(_admin, time);
        _identity = new TopicIdentity(clients, _admin, stream.Topic, time);
        _sources = new TopicSources(stream.TopicNumber, _identity, generations, retry);
        _recovery = new StreamRecovery(writer, _position, missing, _sources, time, log);
        _report = new FreshnessReport(
            _sources, freshness, _position, writer.Markers, gauges,
            TimeSpan.FromMilliseconds(keys.Catalogue.LongestReachMs), time);
        _checkpointClock = new IngestClock(stream.Topic);
        _intake = new RecordIntake(stream.Topic, log);
        _erasuresKnown = keys.ErasuresKnown;
        _filling = new IngestBatch(keys, writer.Markers, stream.Topic);
        _applying = new IngestBatch(keys, writer.Markers, stream.Topic);
    }

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        StreamThread.RunAsync(_stream.Topic, () => RunAsync(stoppingToken));

    /// <summary>Restarts with a new consumer after a failure, until the service stops.</summary>
    /// <remarks>
    /// Not a retry pipeline of Polly: the consumer must leave the group before the pause and be closed after it, all on this thread.
    /// </remarks>
    private async Task RunAsync(CancellationToken stop)
    {
        await _erasuresKnown.WaitAsync(stop);
        using var admin = _admin.Value;
        while (!stop.IsCancellationRequested)
        {
            using var consumer = _subscription.Open();
            try
            {
                Reset();
                consumer.Subscribe(_stream.Topic);
                await IngestAsync(consumer, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Closing the consumer commits the stored offsets.
            }
            catch (Exception e) when (e is KafkaException or NewerProfileException or OtherSecretException)
            {
                // An instance of the newer release, or with the right secret, takes over the partitions; this one still answers payments.
                var pause = e is KafkaException ? RestartPause : NewerPause;
                consumer.Unsubscribe();
                _log.ConsumerRestarted(_stream.Topic, pause, e.Message);
                await Task.Delay(pause, _time, stop).ConfigureAwait(Here);
            }
            finally
            {
                // The writer and the batches are reused, so the last write must end first.
                await ((Task?)_apply ?? Task.CompletedTask).ConfigureAwait(Here);
                consumer.Close();
            }
        }
    }

    private void Reset()
    {
        foreach (var partition in _position.Partitions.Keys.ToList())
        {
            Forget(partition);
        }
        _writer.Markers.Clear();
        _subscription.Changed.Clear();
        _subscription.Ends.Clear();
        (_held, _apply, _isLost) = (null, null, false);
    }

    /// <summary>Runs the path. Ends only by an exception.</summary>
    private async Task IngestAsync(IConsumer<byte[], byte[]> consumer, CancellationToken stop)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            if (_position.Partitions.Count > 0 && _identity.FindChange() is { } change)
            {
                throw new KafkaException(new Error(ErrorCode.Local_Inconsistent, change));
            }
            var first = _held ?? _subscription.Poll(consumer, PollLimit);
            _held = null;
            // After the poll, because the assignment changes only during one.
            var sought = await PlaceAsync(consumer, stop);
            // A record polled before a seek is read again after it; one of a revoked partition belongs to another instance.
            if (first is not null && !sought.Contains(first.TopicPartition) && _recovery.IsInPlace(first.TopicPartition))
            {
                // 1 Poll and 2 Parse, alternating record by record.
                await FillAsync(consumer, first, stop);
                await _missing.CloseAsync(_filling, stop);

                // 3 Claim. Claims of transactions only start here.
                await _stream.ClaimAsync(_filling, stop);
                var isCut = SeekCuts(consumer);
                foreach (var refused in _filling.Refused)
                {
                    // Also in a rewind: a label that found room before may find none now.
                    await _deadLetters.PublishAsync(refused.Record, refused.Kind, refused.Reason, stop);
                }

                // 4 Read, 5 Apply and 6 Write. Waits for those of the previous batch, then starts those of this one and fills the next.
                await FinishAsync();
                // Otherwise the batch is dropped: the rewind reads its records again.
                if (!_isLost)
                {
                    (_filling, _applying) = (_applying, _filling);
                    var batch = _applying;
                    _apply = Task.Run(() => ApplyAsync(batch, stop), CancellationToken.None);
                }
                await Task.Delay(isCut ? CutPause : TimeSpan.Zero, _time, stop);
            }

            // 7 Checkpoint, if it is due.
            _position.Look(_brokers, _subscription.Ends);
            await CloseGapsAsync(stop);
            await CheckpointAsync(consumer, stop);
            await ReportAsync();
        }
    }

    /// <summary>Seeks the partitions to their start when the assignment has changed or Redis has lost data.</summary>
    private async Task<HashSet<TopicPartition>> PlaceAsync(IConsumer<byte[], byte[]> consumer, CancellationToken stop)
    {
        if (_subscription.Changed.Count > 0)
        {
            // The batch in flight was read under the old assignment, and needs its markers until it is written.
            await FinishAsync();
        }
        foreach (var partition in _subscription.Changed)
        {
            Forget(partition);
        }
        _subscription.Changed.Clear();
        var isLost = _isLost;
        _isLost = false;
        var sought = await _recovery.PlaceAsync(consumer, isLost, stop);
        foreach (var partition in sought)
        {
            _subscription.Ends.Remove(partition);
        }
        return sought;
    }

    private void Forget(TopicPartition partition)
    {
        _position.Forget(partition);
        _writer.Markers.Forget(_sources.Of(partition));
        _gauges.RemoveRemaining(partition.Partition.Value);
    }

    /// <summary>Polls and parses records until the batch is full or Kafka:BatchLingerMs has passed.</summary>
    private async Task FillAsync(IConsumer<byte[], byte[]> consumer, ConsumeResult<byte[], byte[]> first, CancellationToken stop)
    {
        await _filling.ClearAsync();
        var (taken, start, since) = (0, _time.GetTimestamp(), IngestClock.Now);
        for (var record = first; record is not null; record = taken < MaxBatch ? _subscription.Poll(consumer, TimeLeft(start)) : null)
        {
            since = _filling.Clock.Record(IngestStage.Poll, since);
            if (_subscription.Changed.Count > 0)
            {
                // The assignment has changed: the batch ends here under the old one, and the next batch begins with this record.
                _held = record;
                break;
            }
            _position.RequireNew(record.TopicPartitionOffset);
            // Invalid records count too: a long run of them must not delay the records before it.
            taken++;
            var position = new RecordPosition(_sources.Of(record.TopicPartition), record.Offset.Value);
            _faults.Clear();
            if (!_intake.Skips(record) && !_stream.Parse(_filling, position, record, _faults))
            {
                await SendToDeadLettersAsync(new RefusedRecord(record, "invalid", _faults.ToString()), stop);
            }
            _filling.Track(position, record);
            _position.Take(record.TopicPartition, position.Offset + 1);
            since = _filling.Clock.Record(IngestStage.Parse, since);
        }
        _filling.Clock.Record(IngestStage.Poll, since);
    }

    /// <summary>Goes back to the records that cannot be applied yet, and will be read again.</summary>
    private bool SeekCuts(IConsumer<byte[], byte[]> consumer)
    {
        // A partition whose assignment has changed is placed anew, without them.
        foreach (var (partition, next) in _filling.Cuts.Where(cut => !_subscription.Changed.Contains(cut.Key)))
        {
            _recovery.ReadAgain(partition, until: _position.Partitions[partition].NextTaken);
            consumer.Seek(new TopicPartitionOffset(partition, next));
            _position.Take(partition, next);
            _subscription.Ends.Remove(partition);
            _held = _held?.TopicPartition == partition ? null : _held;
        }
        return _filling.Cuts.Count > 0;
    }

    // The fixed cost of a batch, its round trips to Redis, is the same for one record as for thousands.
    private TimeSpan TimeLeft(long start) =>
        TimeSpan.FromMilliseconds(Math.Max(0, _lingerMs - _time.GetElapsedTime(start).TotalMilliseconds));

    /// <summary>Sends a record to the dead-letter topic, unless that was done when it was read the first time.</summary>
    private Task SendToDeadLettersAsync(RefusedRecord refused, CancellationToken stop) => _recovery.IsRewound(refused.Record)
        ? Task.CompletedTask
        : _deadLetters.PublishAsync(refused.Record, refused.Kind, refused.Reason, stop);

    /// <summary>Applies a batch to the profiles, and runs its follow-up work.</summary>
    /// <returns>False if Redis has lost data.</returns>
    private async Task<bool> ApplyAsync(IngestBatch batch, CancellationToken stop)
    {
        if (!await _writer.ApplyAsync(batch, stop))
        {
            return false;
        }
        await _stream.CompleteAsync(batch, stop);
        batch.Complete();
        var now = _time.GetUtcNow();
        EventVisibility.Observe(_stream.Topic, batch.TimestampsMs, now.ToUnixTimeMilliseconds());
        ServerMetrics.EventsApplied.WithLabels(_stream.Topic).Inc(batch.Records);
        ServerMetrics.LateCopies.WithLabels(_stream.Topic).Inc(batch.Copies);
        batch.Clock.Report(now.UtcDateTime, batch.TimestampsMs.Count);
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
                // The batch is completed, not only written: offsets must not be committed before parked labels are published.
                _position.Applied(_applying);
            }
        }
    }

    /// <summary>
    /// Advances the markers of all buckets to the applied offsets, and then lets the client commit them. Also runs every 5 s while idle,
    /// only to check the markers: otherwise a loss in Redis would go unnoticed until the next record.
    /// </summary>
    private async Task CheckpointAsync(IConsumer<byte[], byte[]> consumer, CancellationToken stop)
    {
        var idle = _time.GetElapsedTime(_checkedAt);
        if (idle < StreamSubscription.CommitInterval || (idle < CheckInterval && _apply is null && !_position.IsAhead))
        {
            return;
        }
        // The writer serves one caller at a time.
        await FinishAsync();
        if (_isLost)
        {
            return;
        }
        _checkedAt = _time.GetTimestamp();
        var since = IngestClock.Now;
        var nextOffsets = new SortedList<int, long>();
        foreach (var (partition, position) in _position.Partitions)
        {
            nextOffsets.Add(_sources.Of(partition), position.Next);
        }
        _isLost = !await _writer.CheckpointAsync(nextOffsets, stop);
        if (!_isLost)
        {
            // After the markers: a committed offset beyond them would look like a loss in Redis, and cause a rewind.
            _position.Store(consumer);
            _checkpointClock.Record(IngestStage.Checkpoint, since);
            _checkpointClock.Report(_time.GetUtcNow().UtcDateTime, 0);
            await _stream.TidyAsync(consumer.Assignment, stop);
        }
    }

    /// <summary>Closes the gaps of the partitions that are read to their end.</summary>
    private async Task CloseGapsAsync(CancellationToken stop)
    {
        foreach (var (partition, position) in _position.Partitions)
        {
            if (position.Remaining == 0)
            {
                await _missing.CloseAtEndAsync(_sources.Of(partition), stop);
            }
        }
    }

    /// <summary>Reports the freshness of the partitions, once a second.</summary>
    private async Task ReportAsync()
    {
        _health.Remaining = _position.Remaining;
        if (!await _report.SendIfDueAsync())
        {
            // The batch in flight must end before the rewind, whatever it finds.
            await FinishAsync();
            _isLost = true;
        }
    }
}
