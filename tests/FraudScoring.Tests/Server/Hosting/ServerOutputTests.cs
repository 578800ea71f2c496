using System.Text.Json;

namespace FraudScoring.Tests.Server.Hosting;

/// <summary>The published service contains only its own dependencies, not those of the demo, the simulator and the load test.</summary>
public sealed class ServerOutputTests
{
    private static readonly JsonElement Libraries = JsonDocument.Parse(File.ReadAllBytes(
        Path.Combine(AppContext.BaseDirectory, "FraudScoring.Server.deps.json"))).RootElement.GetProperty("libraries");

    [Test]
    public void Libraries_OfTheServer_HoldNeitherSimulatorNorConsoleNorHistograms()
    {
        string[] names = [.. Libraries.EnumerateObject().Select(library => library.Name.Split('/')[0])];
        Assert.That(names, Does.Contain("FraudScoring.Inference").And.Contain("Microsoft.Garnet"));
        Assert.That(names.Where(name => name.StartsWith("FraudScoring.", StringComparison.Ordinal)),
            Is.EquivalentTo(new[] { "FraudScoring.Server", "FraudScoring.Inference", "FraudScoring.Core" }));
        // Garnet, the embedded Redis, has its own HdrHistogram.dll in its package.
        Assert.That(names, Has.None.StartsWith("Spectre").And.None.EqualTo("HdrHistogram"));
    }
}
