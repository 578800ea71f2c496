using System.Globalization;
using System.Text.RegularExpressions;
using FraudScoring.Demo;

namespace FraudScoring.IntegrationTests.Demo;

/// <summary>Runs the demo as a new user does: in its own process, without any servers.</summary>
internal sealed class DemoTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Test]
    public async Task Demo_WithADuration_ScoresCatchesFraudsAndEndsByItself()
    {
        using var demo = Start("--duration", "8s", "--rate", "400", "--customers", "200");
        await demo.UntilEndedAsync(Limit);
        var output = demo.Output;
        var scored = Number(output, "payments scored");
        Assert.That(scored, Is.GreaterThan(500), output);
        Assert.That(Number(output, "decisions delivered"), Is.EqualTo(scored), output);
        Assert.That(Number(output, "events in the profiles"), Is.EqualTo(Number(output, @"events in the profiles +[\d,]+ of")), output);
        Assert.That(Number(output, "frauds caught"), Is.GreaterThan(Number(output, @"frauds caught +[\d,]+ of") / 2), output);
        Assert.That(output, Does.Contain("Nothing survives a restart"));
        Assert.That(output, Does.Not.Contain("Exception").And.Not.Contain("   at "));
    }

    [Test]
    public async Task Demo_Terminated_StopsInOrderWithASummary()
    {
        using var demo = Start("--rate", "200", "--customers", "50");
        await demo.UntilReadyAsync(() => Task.FromResult(demo.Output.Contains(" scored, ", StringComparison.Ordinal)), Limit);
        Assert.That(demo.Terminate(), Is.True, demo.Output);
        await demo.UntilEndedAsync(Limit);
        Assert.That(Number(demo.Output, "payments scored"), Is.GreaterThan(0), demo.Output);
        Assert.That(Number(demo.Output, "decisions delivered"), Is.EqualTo(Number(demo.Output, "payments scored")), demo.Output);
        Assert.That(demo.Output, Does.Not.Contain("Exception"));
    }

    [Test]
    public async Task Demo_TerminatedWhileHistoryIsLoaded_StopsInOrder()
    {
        using var demo = Start("--customers", "5000");
        await demo.UntilReadyAsync(() => Task.FromResult(demo.Output.Contains("gRPC on", StringComparison.Ordinal)), Limit);
        Assert.That(demo.Terminate(), Is.True, demo.Output);
        await demo.UntilEndedAsync(Limit);
        Assert.That(demo.Output, Does.Contain("Stopped before").And.Not.Contain("Exception"));
    }

    [Test]
    public void Demo_FaultySettings_FailsAndNamesThemAll()
    {
        using var demo = Start("--customers", "50", "--Listen:GrpcPort=x", "--Kafka:Compression=none-such");
        Assert.That(
            async () => await demo.UntilEndedAsync(Limit),
            Throws.InvalidOperationException.With.Message.Contains("ended with code 1"));
        Assert.That(demo.Output, Does.Contain("Listen:GrpcPort").And.Contain("Kafka:Compression").And.Not.Contain("   at "));
    }

    private static ServerProcess Start(params string[] arguments) =>
        ServerProcess.Start("dotnet", AppContext.BaseDirectory, [typeof(DemoCommand).Assembly.Location, .. arguments]);

    private static long Number(string output, string after)
    {
        var match = Regex.Match(output, $@"{after} +([\d,]+)");
        Assert.That(match.Success, Is.True, $"no number after '{after}' in:\n{output}");
        return long.Parse(match.Groups[1].ValueSpan, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }
}
