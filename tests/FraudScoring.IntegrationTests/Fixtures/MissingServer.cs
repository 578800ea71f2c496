namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>What happens to a test whose server is not on this machine.</summary>
internal static class MissingServer
{
    private const string Variable = "FRAUDSCORING_REQUIRE_SERVERS";

    /// <summary>Skips the test, or fails it where servers are required.</summary>
    /// <param name="remedy">What is missing and what to set.</param>
    public static Exception Report(string remedy)
    {
        if (Environment.GetEnvironmentVariable(Variable) == "1")
        {
            Assert.Fail($"{remedy} ({Variable}=1 makes this a failure.)");
        }
        Assert.Ignore(remedy);
        return new InvalidOperationException(remedy);
    }
}
