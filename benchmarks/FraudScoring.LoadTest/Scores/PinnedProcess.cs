using System.Diagnostics;
using FraudScoring.TestKit.Services;

namespace FraudScoring.LoadTest.Scores;

/// <summary>
/// For the overload, the servers run on one processor and the client on another, so that neither takes time from the other. The runtime
/// adapts itself to the number of processors when it starts, so the client is a new process of this program.
/// </summary>
internal static class PinnedProcess
{
    /// <summary>Processor of the servers, as taskset takes it.</summary>
    public const string Servers = "0";

    private const string Client = "1";
    private const string Variable = "FRAUDSCORING_LOADTEST_PINNED";

    /// <summary>The folder of the record of the process that started this one, which may see other processors; null if there is none.</summary>
    public static DirectoryInfo? Folder =>
        Environment.GetEnvironmentVariable(Variable) is { } folder ? new DirectoryInfo(folder) : null;

    /// <summary>Why servers and client cannot have processors of their own here; null if they can.</summary>
    public static string? Impossible => Programs.Find("taskset") is null ? "taskset is not on the PATH"
        : Environment.ProcessorCount < 2 ? "there is only one processor"
        : null;

    /// <summary>Runs this command line once more on the client's processor, and returns its exit code.</summary>
    /// <param name="folder">The folder of the record.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<int> RunAsync(DirectoryInfo folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(
            "taskset", ["-c", Client, "dotnet", typeof(PinnedProcess).Assembly.Location, .. Environment.GetCommandLineArgs()[1..]]);
        start.Environment[Variable] = folder.FullName;
        using var process = Process.Start(start)!;
        try
        {
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C reaches both. The other one stops its servers first.
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
    }
}
