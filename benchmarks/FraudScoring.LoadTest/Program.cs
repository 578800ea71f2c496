using System.CommandLine;
using FraudScoring.LoadTest;

return await new RootCommand("Loads FraudScoring on the servers it is given, and measures how it does.") { IngestCommand.Create(), SwapsCommand.Create() }
    .Parse(args).InvokeAsync();
