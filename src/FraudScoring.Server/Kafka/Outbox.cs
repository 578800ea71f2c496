using FraudScoring.Core.Payments;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Spool;

namespace FraudScoring.Server.Kafka;

/// <summary>
/// Delivers records to Kafka in order, without delaying its callers: a bounded queue accepts entries, and one thread stores them in the
/// spool, if they go there, and hands them to the Kafka client.
/// </summary>
/// <remarks>
/// A turn of the thread:
/// 1 Take entries from the queue, and make records of them.
/// 2 Store them in the spool: always, or (OnOutage) while Kafka does not acknowledge. Otherwise they are only in memory.
/// 3 Load records from the spool that are not in memory.
/// 4 Send what is in memory to the client, in order.
/// 5 Settle: what brokers have acknowledged leaves memory and spool, oldest first.
/// 6 Watch: an outage begins when the oldest record has waited for Spool:OutageAfterMs, and ends when nothing waits outside of the client.
/// <para>
/// There is one order: while the spool holds records that are not in memory, new records go behind them. The client never gives up a record
/// that is in the spool, so no later record of a card overtakes it. A crash repeats at most what was acknowledged and not deleted yet; the
/// decision id in the header tells consumers.
/// </para>
/// </remarks>
/// <typeparam name="T">What callers hand over; it becomes a record on the outbox's thread.</typeparam>
internal sealed class Outbox<T> : IDisposable
{
    // Without the pauses between these, a backlog takes a whole core from the payments.
    private const int MaxLoad = 200;
    private static readonly TimeSpan LoadInterval = TimeSpan.FromMilliseconds(4), FailurePause = TimeSpan.FromMilliseconds(500);

    private readonly OutboxSettings _settings;
    private readonly ErasedRecords _erased;
    private readonly OutboxReports _reports;
    private readonly OutboxLosses _losses;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly OutboxQueue<T> _queue;
    private readonly OutboxWindow _window = new();
    private readonly OutboxBatch<T> _batch;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OutboxClient? _client;
    private OutboxSender? _sender;
    private SpoolQueue? _spool;
    private SpoolCounts? _counts;
    private TimeSpan _drainTimeout;
    private long _loaded, _loadedAt, _deliveredAt, _stopAt;
    private volatile bool _isStopping, _isFull;
    private bool _isOutage, _isWindowStored;

    /// <param name="settings">The settings.</param>
    /// <param name="create">Makes a record of an entry; null if it cannot, which it reports itself.</param>
    /// <param name="erased">Records of the spool that must not be delivered any more.</param>
    /// <param name="reports">Receives deliveries and losses.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    public Outbox(
        OutboxSettings settings, Func<T, OutboxRecord?> create, ErasedRecords erased, OutboxReports reports, TimeProvider time, ILogger log)
    {
        (_settings, _erased, _reports, _time, _log) = (settings, erased, reports, time, log);
        (_queue, _drainTimeout) = (new OutboxQueue<T>(settings.QueueCapacity, time), settings.DrainTimeout);
        _losses = new OutboxLosses(settings.Topic, reports, time, log);
        _batch = new OutboxBatch<T>(create, _losses, time);
    }

    /// <summary>True while the spool takes no records: it is full, or its disk does not answer.</summary>
    public bool IsFull => _isFull || (_spool is not null && _queue.IsStalled);

    private SpoolMode Mode => _settings.Spool.ActiveMode;

    private bool StoresFirst => _spool is not null && (Mode is SpoolMode.Always or SpoolMode.Acknowledge || _isOutage);

    private bool HasBacklog => _spool is not null && _loaded < _spool.Last;

    private int Room => Math.Max(0, _settings.WindowCapacity - _window.Count);

    // While Kafka is away a stop need not wait for it: the spool has everything. Otherwise the spool deletes what was delivered, which the
    // next start would send again.
    private bool IsDrained => _queue.Count == 0 && _batch.Count == 0
        && ((_window.Count == 0 && _spool is not { Count: > 0 }) || (IsAway && !_window.Unstored.Any()));

    // An outage alone does not say so: it lasts until Kafka has taken all that the spool gathered.
    private bool IsAway => _isOutage
        && _time.GetElapsedTime(Math.Max(_deliveredAt, Volatile.Read(ref _stopAt))) >= _settings.AwayAfter;

    private bool IsDrainOver => _isStopping && _time.GetElapsedTime(Volatile.Read(ref _stopAt)) >= _drainTimeout;

    /// <summary>Opens the spool. Adds a fault if it cannot be used.</summary>
    public void Open(Faults faults)
    {
        if (Mode == SpoolMode.Off
            || SpoolQueue.Open(_settings.Topic, _settings.FileOf(".db"), _settings.Spool, _time, _log, faults) is not { } spool)
        {
            return;
        }
        if (SpoolCounts.Open(_settings.FileOf(".counts"), spool.Last, Mode, out var last, faults) is not { } counts)
        {
            spool.Dispose();
            return;
        }
        spool.Held = () => _window.Stored;
        spool.Loaded = () => _loaded;
        spool.Lost = _losses.Count;
        spool.Stored = counts.Store;
        // What is also in memory is still sent, but a kill would lose it.
        spool.Dropped = through => counts.Drop(_window.Drop(through));
        _batch.Counts = _counts = counts;
        _losses.CountAtOpen(last, spool.DamagedAtOpen, spool.Count);
        (_spool, _loaded, _isOutage) = (spool, spool.First - 1, spool.Count > 0);
    }

    /// <summary>Starts the thread.</summary>
    /// <param name="create">Creates a Kafka client.</param>
    public void Start(ClientFactory create)
    {
        // A client never gives up what the spool holds: a later record of the card could then overtake it.
        var timeout = _spool is null ? _settings.DeliveryTimeout : TimeSpan.Zero;
        _client = new OutboxClient(create, _settings.ClientCapacity, (int)timeout.TotalMilliseconds);
        _sender = new OutboxSender(_client, _window, _spool is not null, _losses, _settings.Topic, _time, _log);
        new Thread(Run) { IsBackground = true, Name = $"outbox {_settings.Topic}" }.Start();
    }

    /// <summary>Queues an entry. Never waits.</summary>
    /// <returns>False if it was not accepted, which is counted as a loss.</returns>
    public bool TryAdd(T entry)
    {
        if (!_isStopping && !_isFull)
        {
            _counts?.Accept(1);
            if (_queue.TryAdd(entry))
            {
                _reports.Pending(1);
                return true;
            }
            _counts?.Accept(-1);
        }
        _reports.Lost(1, _isStopping ? "stopping" : _isFull ? "spool_full" : "queue_full");
        return false;
    }

    /// <summary>
    /// Accepts no more entries, and waits for the accepted ones to be delivered, at most for the drain timeout. What is left stays in the
    /// spool, or is lost without one.
    /// </summary>
    public Task StopAsync()
    {
        Stop();
        return _client is null ? Task.CompletedTask : _ended.Task;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _drainTimeout = _isStopping ? _drainTimeout : TimeSpan.Zero;
        Stop();
        if (_client is not null)
        {
            ((IAsyncResult)_ended.Task).AsyncWaitHandle.WaitOne();
        }
        _spool?.Dispose();
        _counts?.Dispose();
        _queue.Dispose();
    }

    private void Stop()
    {
        if (!_isStopping)
        {
            Volatile.Write(ref _stopAt, _time.GetTimestamp());
            _isStopping = true;
            _queue.Close();
        }
    }

    private void Run()
    {
        for (var isRunning = true; isRunning;)
        {
            try
            {
                isRunning = Advance();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // A bug. Records must not stop flowing because of it: what is in memory and in the spool is tried again.
                ServerMetrics.OutboxFailures.WithLabels(_settings.Topic).Inc();
                _log.OutboxFailed(_settings.Topic, FailurePause, e);
                _queue.Pause(FailurePause);
                isRunning = !IsDrainOver;
            }
        }
        Finish();
    }

    /// <summary>The end of the thread: stores what is only in memory, or counts it as lost. A failure must not end the process.</summary>
    private void Finish()
    {
        try
        {
            StoreRest();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            ServerMetrics.OutboxFailures.WithLabels(_settings.Topic).Inc();
            _log.OutboxStopFailed(_settings.Topic, e);
        }
        finally
        {
            CountRest();
            _ended.SetResult();
        }
    }

    /// <returns>False once a stop has nothing left to do.</returns>
    private bool Advance()
    {
        _queue.Sleep(_window.Count + _batch.Count > 0 || HasBacklog || _isStopping, Mode == SpoolMode.Acknowledge);
        _batch.Take(_queue, StoresFirst ? int.MaxValue : Room);
        Store();
        Load();
        _sender!.Send();
        _sender.HandleFailures();
        Settle();
        Watch();
        return !_isStopping || !(IsDrained || IsDrainOver);
    }

    private void Store()
    {
        var fits = !HasBacklog && Room >= _batch.Count;
        if (_batch.Count == 0 || (!StoresFirst && !fits))
        {
            return;
        }
        if (!StoresFirst)
        {
            _window.Add(_batch.Records);
            _batch.Clear();
        }
        // Records in memory go to the spool before newer ones.
        else if (StoreWindow() && TryStore(_batch.Records))
        {
            if (fits)
            {
                _window.Add(_batch.Records);
                _loaded = _spool!.Last;
            }
            _batch.Clear();
        }
        else if (Mode == SpoolMode.Acknowledge)
        {
            // Their callers wait.
            _batch.Refuse();
        }
        else if (fits && !_isOutage)
        {
            // What the disk does not take goes to Kafka, which works.
            _window.Add(_batch.Records);
            _batch.Clear();
            _isWindowStored = false;
        }
        // Otherwise the batch stays, and is tried again.
    }

    private bool TryStore(IReadOnlyList<OutboxRecord> records)
    {
        if (!_spool!.TryAppend([.. records.Select(record => record.Content)], out var first))
        {
            return false;
        }
        for (var i = 0; i < records.Count; i++)
        {
            records[i].Seq = first + i;
            records[i].Answer(true);
        }
        return true;
    }

    private void Load()
    {
        if (!HasBacklog || Room == 0 || !_erased.AreKnown() || _time.GetElapsedTime(_loadedAt) < LoadInterval)
        {
            return;
        }
        _loadedAt = _time.GetTimestamp();
        var rows = new List<SpoolRow>();
        var isRead = _spool!.Read(_loaded, Math.Min(MaxLoad, Room), rows);
        var records = new List<OutboxRecord>(rows.Count);
        foreach (var row in rows)
        {
            var record = new OutboxRecord(row.Record) { Seq = row.Seq, TakenAt = _time.GetTimestamp() };
            if (!row.IsReadable || _erased.Contains(row.Record))
            {
                // Settled, so that it leaves the spool in its turn.
                record.State = OutboxState.Dropped;
                _losses.CountLeft(row);
            }
            records.Add(record);
        }
        _window.Add(records);
        // If nothing was left to read, the last rows are gone: they were dropped or damaged.
        _loaded = rows.Count > 0 ? rows[^1].Seq : isRead ? _spool.Last : _loaded;
    }

    private void Settle()
    {
        var (delivered, through) = (0, 0L);
        while (_window.TakeSettled() is { } record)
        {
            delivered += record.State == OutboxState.Delivered ? 1 : 0;
            through = Math.Max(through, record.Seq);
            if (record.Seq == 0)
            {
                _counts?.Settle(1);
            }
            else if (_window.IsOnlyHere(record))
            {
                _counts?.Drop(-1);
            }
        }
        _spool?.Delete(through);
        if (delivered > 0)
        {
            _deliveredAt = _time.GetTimestamp();
            _reports.Delivered(delivered);
            _reports.Pending(-delivered);
        }
    }

    private void Watch()
    {
        if (_spool is null)
        {
            return;
        }
        _spool.Tidy();
        // A spool that nothing needs may be full, because others have filled its disk. One that has just refused a batch is full, even if
        // it seems to have room: what is accepted now would wait behind that batch, in memory alone.
        _isFull = (_spool.IsFull || _batch.Count > 0) && (StoresFirst || HasBacklog);
        var age = _window.Oldest is { } oldest ? _time.GetElapsedTime(oldest.TakenAt) : TimeSpan.Zero;
        if (!_isOutage && (age > _settings.OutageAfter || _client!.InFlight > _settings.WindowCapacity / 2))
        {
            _isOutage = true;
            _log.OutageBegan(_settings.Topic, _client!.InFlight, age);
            _isWindowStored = false;
            StoreWindow();
        }
        else if (_isOutage && !HasBacklog && !_window.HasWaiting && age < _settings.OutageAfter / 2
            && (_batch.Count == 0 || _spool.IsFull)) // What a full disk does not take goes to Kafka, which works again.
        {
            _isOutage = false;
            _log.OutageEnded(_settings.Topic);
        }
        ServerMetrics.OutboxOutage.WithLabels(_settings.Topic).Set(_isOutage ? 1 : 0);
    }

    /// <summary>Stores the records that are only in memory. They stay there, on their way to Kafka.</summary>
    /// <returns>False if some could not be stored.</returns>
    private bool StoreWindow()
    {
        var isNext = !HasBacklog;
        foreach (var chunk in _isWindowStored ? [] : _window.Unstored.Chunk(OutboxBatch<T>.MaxRecords / 5).ToList())
        {
            if (!TryStore(chunk))
            {
                return false;
            }
            _loaded = isNext ? _spool!.Last : _loaded;
        }
        return _isWindowStored = true;
    }

    private void StoreRest()
    {
        // Disposed before counting: no acknowledgement can arrive after that.
        _client!.Dispose();
        Settle();
        if (_spool is not null)
        {
            _isWindowStored = false;
            if (StoreWindow())
            {
                for (_batch.Take(_queue, int.MaxValue); _batch.Count > 0 && TryStore(_batch.Records); _batch.Take(_queue, int.MaxValue))
                {
                    _batch.Clear();
                }
            }
            _spool.Tidy();
        }
    }

    private void CountRest()
    {
        _batch.AnswerNo();
        _reports.Pending(-_window.DeliveredAhead);
        var lost = _window.OnlyHere + _batch.Count + _queue.Count;
        _counts?.Clear(_spool!.Last);
        _losses.CountAtStop(lost, _spool?.Count ?? 0, _drainTimeout);
    }
}
