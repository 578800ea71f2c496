using System.Diagnostics;

namespace FraudScoring.Server.Admission;

/// <summary>Measures how long work waits for a thread of the pool: a thread of its own queues an item every few milliseconds.</summary>
/// <remarks>
/// The bytes of a request wait for a thread before they are read, and thus before <see cref="ArrivalStamps"/> sees them. Over HTTP/1.1 they
/// wait for nothing else. The wait of the last item is an estimate of that.
/// </remarks>
internal sealed class QueueProbe : IThreadPoolWorkItem, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    // Without spinning, which would cost more than all the probing.
    private readonly ManualResetEventSlim _stop = new(initialState: false, spinCount: 0);
    private long _queuedAt, _delay;
    private int _isQueued;

    /// <summary>Starts the thread.</summary>
    public void Start() => new Thread(Run) { IsBackground = true, Name = "queue probe" }.Start();

    /// <summary>How long work waits at present, in timestamp ticks.</summary>
    public long DelayAt(long now)
    {
        var delay = Volatile.Read(ref _delay);
        // An item that still waits has waited for at least as long.
        return Volatile.Read(ref _isQueued) == 0 ? delay : Math.Max(delay, now - Volatile.Read(ref _queuedAt));
    }

    /// <inheritdoc />
    public void Execute()
    {
        Volatile.Write(ref _delay, Stopwatch.GetTimestamp() - Volatile.Read(ref _queuedAt));
        Volatile.Write(ref _isQueued, 0);
    }

    /// <inheritdoc />
    public void Dispose() => _stop.Set();

    private void Run()
    {
        while (!_stop.Wait(Pause))
        {
            if (Volatile.Read(ref _isQueued) == 0)
            {
                Volatile.Write(ref _queuedAt, Stopwatch.GetTimestamp());
                Volatile.Write(ref _isQueued, 1);
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }
    }
}
