using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Commands;
using FraudScoring.Training.Importing;
using FraudScoring.Training.Importing.Guessing;
using FraudScoring.Training.Importing.Sources;
using Spectre.Console;

namespace FraudScoring.Tests.Training.Importing.Guessing;

/// <summary>
/// The guesses for files with the columns of published data sets, and of a Spark export, as approved in Expected. The rows are made up.
/// </summary>
public sealed class GuessedFilesTests
{
    private static readonly string[] Here = ["tests", "FraudScoring.Tests", "Training", "Importing", "Guessing"];

    private static readonly Dictionary<string, string> StandIns = new()
    {
        ["card"] = "some-card", ["merchant"] = "some-merchant", ["channel"] = "ecommerce",
    };

    private static IEnumerable<string> Files => Directory.GetFiles(PathOf("Data")).Select(path => Path.GetFileNameWithoutExtension(path)!);

    [TestCaseSource(nameof(Files))]
    public void Guess_OfADataSet_IsTheApprovedOne(string name)
    {
        var guess = GuessOf(name);
        Compare(PathOf("Expected", $"{name}.json"), guess.ToJson());
        using var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 180;
        GuessTables.Print(console, guess);
        var lines = text.ToString().ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd());
        Compare(PathOf("Expected", $"{name}.txt"), string.Join('\n', lines));
    }

    [Test]
    public void Expected_Files_AreAllCompared() => Assert.That(
        Directory.GetFiles(PathOf("Expected")).Select(Path.GetFileName), Is.EquivalentTo(Files.SelectMany(name => new[] { $"{name}.json", $"{name}.txt" })));

    /// <summary>What a data set lacks is left out of the mapping, and is the only thing that import misses.</summary>
    [TestCase("handbook", "card", "channel")]
    [TestCase("sparkov", "channel")]
    [TestCase("tabformer")]
    [TestCase("paysim", "card", "merchant", "channel")]
    [TestCase("ulb-creditcard", "card", "merchant", "channel")]
    [TestCase("ieee-cis", "card", "merchant", "channel")]
    [TestCase("spark-export")]
    public void Import_WithTheGuessAndWhatItLacks_HasNoInvalidRow(string name, params string[] lacks)
    {
        var guess = GuessOf(name);
        Assert.That(MissingOf(guess.ToJson()), Is.EquivalentTo(lacks.Select(field => $"$.{field}")));
        Assert.That(lacks, Is.All.Matches<string>(field => guess.ToDecide.Any(open => open.StartsWith($"{field}:", StringComparison.Ordinal))));
        var mapping = JsonNode.Parse(guess.ToJson())!.AsObject();
        foreach (var field in lacks)
        {
            mapping[field] = new JsonObject { ["constant"] = StandIns[field] };
        }
        using var folder = new ImportFolder();
        var summary = folder.Import(mapping.ToJsonString(), [PathOf("Data", $"{name}.csv")]);
        Assert.That((summary.Rows, summary.InvalidRows), Is.EqualTo((40, 0)), string.Join('\n', summary.Reasons));
        Assert.That((summary.Written!.Payments + summary.Refunds, summary.Written.Frauds), Is.EqualTo((40, 4)));
    }

    [Test]
    public void Guess_OfAccountApplications_SaysThatTheyAreNoPayments()
    {
        var guess = GuessOf("baf");
        Assert.That(MissingOf(guess.ToJson()),
            Is.EquivalentTo(new[] { "$.event_time", "$.amount", "$.currency", "$.card", "$.merchant", "$.channel" }));
        Assert.That(guess.Fields.Select(field => field.Field), Is.EqualTo(new[] { "label" }));
    }

    [Test]
    public void Guess_Texts_HoldNoCardNumber()
    {
        var text = GuessOf("sparkov").ToJson();
        Assert.That(text, Does.Contain("\"hash\": true"));
        Assert.That(text, Does.Not.Match("[0-9]{9,}"));
    }

    private static List<string> MissingOf(string json)
    {
        var faults = new Faults();
        MappingReader.Parse(Encoding.UTF8.GetBytes(json), faults);
        return [.. faults.Select(fault => fault.Field).Distinct()];
    }

    private static GuessedMapping GuessOf(string name) =>
        MappingGuess.Create(SourceSample.Read(SourceFiles.Find([PathOf("Data", $"{name}.csv")])[0], CancellationToken.None));

    private static string PathOf(params string[] names) => RepositoryFiles.Path([.. Here, .. names]);

    private static void Compare(string path, string actual)
    {
        if (ApprovedTests.IsApproving)
        {
            File.WriteAllText(path, actual, new UTF8Encoding(false));
            return;
        }
        Assert.That(actual, Is.EqualTo(File.Exists(path) ? File.ReadAllText(path) : ""), string.Create(CultureInfo.InvariantCulture,
            $"{path} differs; if the change is intended, run this test with {ApprovedTests.Approve}=1"));
    }
}
