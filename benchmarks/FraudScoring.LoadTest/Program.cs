return await FraudScoring.LoadTest.LoadTestCommand.Create().Parse(args).InvokeAsync();
