using FraudScoring.Server.Commands;

return await ServerCommand.RunAsync(args);
