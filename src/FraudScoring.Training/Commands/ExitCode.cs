namespace FraudScoring.Training.Commands;

/// <summary>Exit codes of the command line.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>An option is missing or out of range. Returned by the parser itself.</summary>
    public const int InvalidOptions = 1;

    /// <summary>An input could not be read or an output could not be written.</summary>
    public const int Failure = 2;

    /// <summary>A gate failed and was not waived: the bundle must not be promoted. The report was written.</summary>
    public const int GatesFailed = 3;

    /// <summary>Stopped by Ctrl-C: 128 plus the number of SIGINT, as shells report it.</summary>
    public const int Cancelled = 130;
}
