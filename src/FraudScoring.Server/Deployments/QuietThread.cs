using System.Runtime.InteropServices;

namespace FraudScoring.Server.Deployments;

/// <summary>
/// Work that must not be felt by requests, such as loading a model: on a thread of its own that gets a processor only when nobody else
/// wants it. On Linux .NET's own thread priorities do nothing, so the kernel is asked; there a thread has a nice value of its own.
/// </summary>
internal static partial class QuietThread
{
    private const int Nicest = 19, ThisThread = 0, OfThread = 0;

    /// <summary>Runs work to its end.</summary>
    public static Task RunAsync(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            if (OperatingSystem.IsLinux())
            {
                // Where it is forbidden, the work is done all the same.
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
