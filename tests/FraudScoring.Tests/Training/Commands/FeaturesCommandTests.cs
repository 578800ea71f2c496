using System.CommandLine;
using FraudScoring.Training.Commands;
using Spectre.Console;

namespace FraudScoring.Tests.Training.Commands;

public sealed class FeaturesCommandTests
{
    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("features-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Document_Catalogue_IsWrittenNextToIt()
    {
        string catalogue = Path.Combine(_folder, "features.json");
        File.Copy(RepositoryFiles.Path("models", "features.json"), catalogue);
        (int code, string output, string error) = await RunAsync("--catalogue", catalogue);
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(output, Does.Contain("FEATURES.md"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(_folder, "FEATURES.md")),
            Is.EqualTo(await File.ReadAllTextAsync(RepositoryFiles.Path("models", "FEATURES.md"))));
    }

    [Test]
    public async Task Document_FaultyCatalogue_NamesItsFaultsAndWritesNothing()
    {
        string catalogue = Path.Combine(_folder, "features.json");
        await File.WriteAllTextAsync(catalogue, "{}");
        (int code, _, string error) = await RunAsync("--catalogue", catalogue);
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(error, Does.Contain("$.entities: must be a list").And.Contain("$.features: must be a list"));
        Assert.That(Directory.GetFiles(_folder), Has.Length.EqualTo(1));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        var root = new RootCommand { FeatureDocumentCommand.Create(console) };
        int code = await root.Parse(["features", "document", .. arguments])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
