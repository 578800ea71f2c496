using System.CommandLine;
using FraudScoring.LoadTest.Crossover;
using FraudScoring.LoadTest.Scores;
using FraudScoring.LoadTest.Spools;
using FraudScoring.LoadTest.Swaps;

namespace FraudScoring.LoadTest;

/// <summary>The command line of the load test.</summary>
internal static class LoadTestCommand
{
    public static RootCommand Create() => new("Puts load on FraudScoring and measures how it performs.")
    {
        ScoreCommand.Create(), SoakCommand.Create(), IngestCommand.Create(), SwapsCommand.Create(), SpoolCommand.Create(),
        CrossoverCommand.Create(),
    };
}
