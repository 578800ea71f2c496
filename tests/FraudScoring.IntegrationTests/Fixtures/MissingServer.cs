namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>Handles a test whose server is not installed.</summary>
internal static class MissingServer
{
    private const string Variable = "FRAUDSCORING_REQUIRE_SERVERS";

    /// <summary>Skips the test, or fails it if servers are required.</summary>
    /// <param name="remedy">What is missing, and how to provide it.</param>
    public static Exception Report(string remedy)
    {
        if (Environment.GetEnvironmentVariable(Variable) == "1")
        {
            Assert.Fail($"{remedy} (This fails because {Variable}=1.)");
        }
        Assert.Ignore(remedy);
        return new InvalidOperationException(remedy);
    }
}
