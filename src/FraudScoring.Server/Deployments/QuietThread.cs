using System.Runtime.InteropServices;
using FraudScoring.Inference.Devices;

namespace FraudScoring.Server.Deployments;

/// <summary>Runs work that must not slow down requests, such as loading a model, on a thread of the lowest priority.</summary>
/// <remarks>
/// The thread pool is no place for it: loading keeps a processor busy for seconds, and the pool has few threads. On Linux .NET ignores
/// <see cref="Thread.Priority"/>, so the thread sets its own nice value; the kernel keeps one per thread. The cost: under full load a model
/// takes longer to load.
/// <para>
/// A thread inherits the nice value of the one that starts it, and may not lower it. So nothing that outlives the work may be started on
/// this thread: neither a lane of a model (<see cref="NormalThreads"/>), nor a worker of the thread pool, which the pool starts on the
/// thread that queues. Therefore a second thread of normal priority waits for the end of the work and reports it.
/// </para>
/// </remarks>
internal static partial class QuietThread
{
    private const int Nicest = 19, ThisThread = 0, OfThread = 0;

    /// <summary>Completes when the work has ended; rethrows its exception.</summary>
    public static Task RunAsync(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        NormalThreads.Begin();
        new Thread(() => Report(work, done)) { IsBackground = true, Name = "models" }.Start();
        return done.Task;
    }

    private static void Report(Action work, TaskCompletionSource done)
    {
        Exception? failure = null;
        var quiet = new Thread(() => failure = Run(work)) { IsBackground = true, Name = "models, quiet", Priority = ThreadPriority.Lowest };
        quiet.Start();
        quiet.Join();
        if (failure is null)
        {
            done.SetResult();
        }
        else
        {
            done.SetException(failure);
        }
    }

    private static Exception? Run(Action work)
    {
        if (OperatingSystem.IsLinux())
        {
            // A failure is ignored: the work must be done, even at normal priority.
            _ = SetPriority(OfThread, ThisThread, Nicest);
        }
        try
        {
            work();
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return e;
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, int who, int priority);
}
