namespace FraudScoring.Training.Commands;

/// <summary>What the command line returns to the shell.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>An option is missing or out of range; the parser returns it by itself.</summary>
    public const int BadOptions = 1;

    /// <summary>An input could not be read, or an output not written.</summary>
    public const int Failure = 2;

    /// <summary>A bundle failed a gate that was not waived: it must not be promoted. The report was written.</summary>
    public const int GatesFailed = 3;

    /// <summary>Stopped by Ctrl-C, as shells count it.</summary>
    public const int Cancelled = 130;
}
