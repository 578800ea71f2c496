using System.Collections.Concurrent;

namespace FraudScoring.Server.Streams;

/// <summary>
/// A dedicated thread for a loop that polls Kafka, whose client blocks the calling thread. Continuations of the loop run on that thread;
/// work started with <see cref="Task.Run(Action)"/> runs on the thread pool.
/// </summary>
/// <remarks>
/// Blocking calls on the thread pool would starve everything else: the pool starts with one thread per processor and takes most of a second
/// to add another. AsyncContext of Nito.AsyncEx is not used: it drops what is posted after the loop has ended, so that an operation which
/// the loop did not await never completes.
/// </remarks>
internal sealed class StreamThread : SynchronizationContext
{
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _posted = [];

    private StreamThread()
    {
    }

    /// <summary>Runs a loop on a new background thread. The task ends as the loop does: completed, failed or cancelled.</summary>
    public static Task RunAsync(string name, Func<Task> loop)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => new StreamThread().Run(loop, ended)) { IsBackground = true, Name = name };
        thread.Start();
        return ended.Task;
    }

    /// <inheritdoc />
    public override void Post(SendOrPostCallback d, object? state)
    {
        try
        {
            _posted.Add((d, state));
        }
        catch (InvalidOperationException)
        {
            // The loop has ended, and an operation that it did not await completes after it.
            base.Post(d, state);
        }
    }

    private void Run(Func<Task> loop, TaskCompletionSource ended)
    {
        SetSynchronizationContext(this);
        var work = Begin(loop);
        work.ContinueWith(
            (_, posted) => ((BlockingCollection<(SendOrPostCallback, object?)>)posted!).CompleteAdding(), _posted, TaskScheduler.Default);
        foreach (var (callback, state) in _posted.GetConsumingEnumerable())
        {
            callback(state);
        }
        ended.SetFromTask(work);
    }

    private static async Task Begin(Func<Task> loop) => await loop();
}
