using System.Diagnostics;
using System.Runtime.InteropServices;

namespace FraudScoring.LoadTest.Scores;

/// <summary>
/// Sleeps of a fraction of a millisecond. Those of .NET are whole milliseconds; spinning instead would take a processor from the
/// service, or from the client's own threads where it has one processor.
/// </summary>
internal static class PreciseSleep
{
    private const int SetTimerSlack = 29;
    private const double NanosPerSecond = 1e9;

    // Going to sleep and waking up takes about as long.
    private static readonly long Shortest = Stopwatch.Frequency / 50_000;

    /// <summary>Has the current thread wake up within a microsecond instead of 50. Linux only; elsewhere it changes nothing.</summary>
    public static void Sharpen()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = ProcessControl(SetTimerSlack, 1, 0, 0, 0);
        }
    }

    /// <summary>Sleeps until a timestamp of <see cref="Stopwatch"/>.</summary>
    public static void Until(long timestamp)
    {
        for (long left; (left = timestamp - Stopwatch.GetTimestamp()) > 0;)
        {
            if (OperatingSystem.IsWindows())
            {
                _ = Thread.Yield();
            }
            else if (left > Shortest)
            {
                var (seconds, rest) = Math.DivRem(left, Stopwatch.Frequency);
                var time = new TimeSpec { Seconds = (nint)seconds, Nanos = (nint)(rest * (NanosPerSecond / Stopwatch.Frequency)) };
                _ = NanoSleep(in time, 0);
            }
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds, Nanos;
    }

    [DllImport("libc", EntryPoint = "nanosleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int NanoSleep(in TimeSpec time, nint left);

    [DllImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int ProcessControl(int option, nuint value, nuint unused3, nuint unused4, nuint unused5);
}
