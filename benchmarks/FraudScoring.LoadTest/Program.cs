using System.CommandLine;
using FraudScoring.LoadTest;
using FraudScoring.LoadTest.Crossover;
using FraudScoring.LoadTest.Swaps;

return await new RootCommand("Loads FraudScoring on the servers it is given, and measures how it does.")
{
    IngestCommand.Create(), SwapsCommand.Create(), CrossoverCommand.Create(),
}
    .Parse(args).InvokeAsync();
