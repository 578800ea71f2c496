using System.Collections.Concurrent;

namespace FraudScoring.Inference.Devices;

/// <summary>
/// Starts threads with the priority of the process, whichever thread asks for it. On Linux a thread inherits the nice value of the one that
/// starts it, and may not lower it: what a thread of low priority starts would stay slow for ever.
/// </summary>
public static class NormalThreads
{
    private static readonly BlockingCollection<Thread> Starting = [];

    static NormalThreads() => new Thread(StartAll) { IsBackground = true, Name = "thread starter" }.Start();

    /// <summary>Call once before any thread lowers its priority.</summary>
    public static void Begin() =>
        // Runs the static constructor.
        _ = Starting.Count;

    /// <summary>Starts a thread soon.</summary>
    public static void Start(Thread thread) => Starting.Add(thread);

    private static void StartAll()
    {
        foreach (var thread in Starting.GetConsumingEnumerable())
        {
            thread.Start();
        }
    }
}
