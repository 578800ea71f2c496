namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>Handles a test whose server or program is not installed.</summary>
internal static class MissingServer
{
    private const string Variable = "FRAUDSCORING_REQUIRE_SERVERS";

    /// <summary>The path of a program on the PATH. Skips the test if it is not there, or fails it if servers are required.</summary>
    public static string Require(string program) =>
        Programs.Find(program) ?? throw Report($"{program} was not found. Install it, and put its folder on the PATH.");

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
