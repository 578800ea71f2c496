using System.Diagnostics;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Hosting;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>A configuration that is wrong stops the start, with all that is wrong, and a model that was altered too.</summary>
public sealed class StartTests
{
    [Test]
    public async Task Start_WithFaultyOptions_NamesThemAll_AndExitsWithOne()
    {
        var (exitCode, error) = await RunAsync(
            "--Listen:GrpcPort=70000", "--Scoring:Explain=Sometimes", "--Kafka:BootstrapServers=nowhere", "--Redis:Configuration=localhost:1",
            "--Scoring:Nonsense=1", "--Scoring:BudgetMs=fast", "--Telemetry:OtlpEndpoint=collector");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exitCode, Is.EqualTo(1));
            foreach (var option in new[]
            {
                "Listen:GrpcPort", "Scoring:Explain", "Kafka:BootstrapServers", "Redis:EntityHashSecret", "Scoring:Nonsense", "Scoring:BudgetMs",
                "Telemetry:OtlpEndpoint",
            })
            {
                Assert.That(error, Does.Contain($"  {option}: "));
            }
            Assert.That(error, Does.Not.Contain("   at "));
        }
    }

    [Test]
    public void Start_WithAnAlteredBundle_SaysWhichFile()
    {
        using var models = new ModelsCopy();
        File.AppendAllText(models.Bundle("model.onnx"), "x");
        Assert.That(() => Build(models), Throws.InstanceOf<StartFaultsException>().With.Message.Contains("model.onnx").And.Message.Contains("was altered"));
    }

    [Test]
    public void Start_WithAnotherCatalogue_NamesBothHashes()
    {
        using var models = new ModelsCopy();
        var path = Path.Combine(models.Folder, "features.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("The amount of the payment", "The amount", StringComparison.Ordinal));
        Assert.That(() => Build(models), Throws.InstanceOf<StartFaultsException>().With.Message.Match("catalogue [0-9a-f]{64}, but [0-9a-f]{64} is in force"));
    }

    [Test]
    public void Start_WithAFaultyPolicyAndRegistry_NamesBoth()
    {
        using var models = new ModelsCopy();
        File.WriteAllText(Path.Combine(models.Folder, "policy.json"),
            """{"rules":[{"code":"X","text":"x","when":[{"feature":"nope","at_least":1}],"then":"never"}]}""");
        File.WriteAllText(Path.Combine(models.Folder, "registry.json"), "{}");
        Assert.That(() => Build(models), Throws.InstanceOf<StartFaultsException>()
            .With.Message.Contains("$.rules[0].when[0].feature").And.Message.Contains("$.rules[0].then")
            .And.Message.Contains("$.without_model").And.Message.Contains("champion"));
    }

    [Test]
    public void Start_WhereEmbeddedServersAreForbidden_AsksForAddresses()
    {
        Assert.That(() => Wiring.Build([], new Dictionary<string, string?> { ["Embedded:Allowed"] = "false" }),
            Throws.InstanceOf<StartFaultsException>().With.Message.Contains("Redis:Configuration").And.Message.Contains("Kafka:BootstrapServers"));
    }

    private static void Build(ModelsCopy models) => Wiring.Build([], new Dictionary<string, string?> { ["Scoring:ModelsFolder"] = models.Folder });

    private static async Task<(int ExitCode, string Error)> RunAsync(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Wiring).Assembly.Location, .. args]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        await output;
        return (process.ExitCode, error);
    }
}
