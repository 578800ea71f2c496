using FraudScoring.Server;

try
{
    var app = Wiring.Build(args);
    await app.RunAsync();
    return 0;
}
catch (StartFaultsException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
