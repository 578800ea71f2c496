using System.CommandLine;
using FraudScoring.Core.Catalogue;
using FraudScoring.Training.Inputs;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

/// <summary><c>features document</c>: writes a readable description of a feature catalogue next to it.</summary>
internal sealed class FeatureDocumentCommand(IAnsiConsole console)
{
    private const string FileName = "FEATURES.md";

    private readonly Option<FileInfo> _catalogue = new("--catalogue")
    {
        Description = "Feature catalogue (features.json).",
        DefaultValueFactory = _ => new FileInfo(Path.Combine("models", "features.json")),
    };

    public static Command Create(IAnsiConsole console)
    {
        var features = new FeatureDocumentCommand(console);
        var document = new Command("document", $"Write {FileName} next to a feature catalogue.") { features._catalogue };
        document.SetAction(parsed => Failures.Report(parsed, () => features.Document(parsed.GetRequiredValue(features._catalogue))));
        return new Command("features", "Describe a feature catalogue.") { document };
    }

    private int Document(FileInfo catalogue)
    {
        var target = Path.Combine(catalogue.DirectoryName!, FileName);
        File.WriteAllText(target, CatalogueDocument.Markdown(CatalogueFile.LoadFile(catalogue.FullName)));
        console.WriteLine($"Wrote {target}");
        return ExitCode.Success;
    }
}
