using System.Collections.Concurrent;

namespace FraudScoring.Server.Streams;

/// <summary>
/// A thread of its own for a loop that waits for Kafka, whose client blocks whoever asks it for a record. On threads of the pool such waits
/// starve everything else: the pool keeps as few threads as there are processors, and takes most of a second to see that all of them wait.
/// What the loop awaits comes back to its thread, unless it was sent elsewhere, by <see cref="Task.Run(Action)"/> for one.
/// </summary>
internal sealed class StreamThread : SynchronizationContext
{
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _posted = [];

    private StreamThread()
    {
    }

    /// <summary>Runs a loop to its end.</summary>
    /// <param name="name">The thread's name.</param>
    /// <param name="loop">The loop.</param>
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
            // The loop has ended, and something it did not wait for ends after it.
            base.Post(d, state);
        }
    }

    private void Run(Func<Task> loop, TaskCompletionSource ended)
    {
        SetSynchronizationContext(this);
        var work = Begin(loop);
        work.ContinueWith((_, posted) => ((BlockingCollection<(SendOrPostCallback, object?)>)posted!).CompleteAdding(), _posted, TaskScheduler.Default);
        foreach (var (callback, state) in _posted.GetConsumingEnumerable())
        {
            callback(state);
        }
        ended.SetFromTask(work);
    }

    private static async Task Begin(Func<Task> loop) => await loop();
}
