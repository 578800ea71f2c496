using System.Threading.Channels;
using Channel = System.Threading.Channels.Channel;

namespace FraudScoring.Server.Kafka;

/// <summary>The bounded queue in front of an <see cref="Outbox{T}"/>: many threads add, and the outbox's thread takes and sleeps.</summary>
/// <param name="capacity">Most entries.</param>
/// <param name="time">The clock that shows whether the outbox's thread still takes entries.</param>
internal sealed class OutboxQueue<T>(int capacity, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    // A turn takes milliseconds.
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(2);

    private readonly Channel<T> _entries = Channel.CreateBounded<T>(new BoundedChannelOptions(capacity) { SingleReader = true });
    private readonly AutoResetEvent _wake = new(false);
    private long _turnAt = time.GetTimestamp();
    private int _isAsleep;

    public int Count => _entries.Reader.Count;

    /// <summary>True if entries wait and are not taken, because the outbox's thread waits for a disk, or too many have arrived.</summary>
    public bool IsStalled => Count is var count
        && (count >= capacity || (count > 0 && time.GetElapsedTime(Volatile.Read(ref _turnAt)) > LongestTurn));

    /// <summary>Adds an entry, and wakes the outbox's thread if it sleeps. Never waits.</summary>
    /// <returns>False if the queue is full or closed.</returns>
    public bool TryAdd(T entry)
    {
        if (!_entries.Writer.TryWrite(entry))
        {
            return false;
        }
        // The entry must be written before the flag is read: otherwise the thread could fall asleep in between.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isAsleep) != 0)
        {
            _wake.Set();
        }
        return true;
    }

    public bool TryTake(out T entry) => _entries.Reader.TryRead(out entry!);

    /// <summary>Accepts no more entries.</summary>
    public void Close()
    {
        _entries.Writer.TryComplete();
        _wake.Set();
    }

    /// <summary>
    /// Sleeps until the next turn. Idle, that is when an entry arrives. Busy, it is in 5 ms: callers then need not wake the thread, and
    /// entries gather into a batch.
    /// </summary>
    /// <param name="isBusy">True if there is work that completes by itself, such as deliveries.</param>
    /// <param name="isPrompt">True to wake for every entry even so, because a caller waits for it.</param>
    public void Sleep(bool isBusy, bool isPrompt)
    {
        if (isBusy && !isPrompt)
        {
            _wake.WaitOne(Turn);
        }
        else
        {
            Interlocked.Exchange(ref _isAsleep, 1);
            if (Count == 0)
            {
                _wake.WaitOne(isBusy ? Turn : Idle);
            }
            Volatile.Write(ref _isAsleep, 0);
        }
        Volatile.Write(ref _turnAt, time.GetTimestamp());
    }

    /// <summary>Sleeps for a while after a failure.</summary>
    public void Pause(TimeSpan pause) => _wake.WaitOne(pause);

    /// <inheritdoc />
    public void Dispose() => _wake.Dispose();
}
