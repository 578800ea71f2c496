using System.CommandLine;

namespace FraudScoring.Training.Commands;

/// <summary>Turns expected failures of a command's inputs and outputs into a message on standard error and an exit code.</summary>
internal static class Failures
{
    /// <summary>Runs a long command on the thread pool, so that Ctrl-C can cancel it.</summary>
    public static Task<int> ReportAsync(ParseResult parsed, Func<int> run) => Task.Run(() => Report(parsed, run), CancellationToken.None);

    public static int Report(ParseResult parsed, Func<int> run)
    {
        try
        {
            return run();
        }
        catch (OperationCanceledException)
        {
            parsed.InvocationConfiguration.Error.WriteLine("Cancelled; no result was written.");
            return ExitCode.Cancelled;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"Failed: {error.Message}");
            return ExitCode.Failure;
        }
    }
}
