using System.Runtime.InteropServices;

namespace FraudScoring.Server.Deployments;

/// <summary>Runs work that must not slow down requests, such as loading a model, on a thread of the lowest priority.</summary>
/// <remarks>
/// The thread pool is no place for it: loading keeps a processor busy for seconds, and the pool has few threads. On Linux .NET ignores
/// <see cref="Thread.Priority"/>, so the thread sets its own nice value; the kernel keeps one per thread. The cost: under full load a model
/// takes longer to load.
/// </remarks>
internal static partial class QuietThread
{
    private const int Nicest = 19, ThisThread = 0, OfThread = 0;

    /// <summary>Completes when the work has ended; rethrows its exception.</summary>
    public static Task RunAsync(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            if (OperatingSystem.IsLinux())
            {
                // A failure is ignored: the work must be done, even at normal priority.
                _ = SetPriority(OfThread, ThisThread, Nicest);
            }
            try
            {
                work();
                done.SetResult();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                done.SetException(e);
            }
        })
        {
            IsBackground = true, Name = "models", Priority = ThreadPriority.Lowest,
        };
        thread.Start();
        return done.Task;
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, int who, int priority);
}
