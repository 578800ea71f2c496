using System.Text.RegularExpressions;
using FraudScoring.Simulation;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;
using FraudScoring.Training.Progress;
using FraudScoring.Training.Quality;
using FraudScoring.Training.Runs;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Training.Runs;

/// <summary>A training run has one list of stages: enum, comments, body and progress reports agree.</summary>
[Parallelizable]
internal sealed partial class TrainingRunTests
{
    private static readonly string[] Stages = Enum.GetNames<TrainingStage>();

    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("training-run-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void TrainingRun_CommentAndBody_HaveTheStagesInOrder()
    {
        var source = File.ReadAllText(RepositoryFiles.Path("src", "FraudScoring.Training", "Runs", "TrainingRun.cs"));
        var numbered = Stages.Select((stage, i) => (i + 1, stage)).ToArray();
        Assert.That(Numbers(CommentLine().Matches(source)), Is.EqualTo(numbered), "the comment above the class");
        Assert.That(Numbers(BodyLine().Matches(source)), Is.EqualTo(numbered), "the comments in the body");
        Assert.That(EnteredStage().Matches(source).Select(match => match.Groups[1].Value), Is.EqualTo(Stages), "the entered stages");
    }

    [Test]
    public void Run_SmallLog_ReportsTheStagesInOrder_AndWritesBundleAndRecord()
    {
        var request = Request();
        var reports = new Reports();
        var outcome = new TrainingRun(request, new FakeTimeProvider(), new RunProgress(reports)).Run(CancellationToken.None);

        Assert.That(reports.All.Where(report => report.Step is null).Select(report => report.Stage), Is.EqualTo(Stages));
        Assert.That(reports.All.Select(report => Array.IndexOf(Stages, report.Stage)), Is.Ordered, "steps belong to the current stage");
        Assert.That(reports.All.Select(report => report.Fraction).OfType<double>(), Has.All.InRange(0, 1));
        Assert.That(File.Exists(Path.Combine(request.Folder, "manifest.json")), Is.True);
        var page = System.Xml.Linq.XDocument.Load(Path.Combine(request.Folder, QualityPage.FileName));
        Assert.That(page.Descendants("h1").Single().Value, Does.StartWith("Data quality: "));
        Assert.That(page.Descendants("td").Select(cell => cell.Value), Has.Some.StartsWith("payment.amount").And.Some.StartsWith("amount"));
        Assert.That(RunLog.Load(request.Runs, new()).Single().Id, Is.EqualTo(outcome.Record.Id));
        Assert.That(outcome.Manifest.Folds, Has.Count.EqualTo(2));
        Assert.That(outcome.Manifest.MembersConsidered, Is.Empty, "the members were named");
        Assert.That(outcome.Manifest.MemberResults.Select(result => result.Member), Is.EqualTo(new[] { "trees", "linear" }));
    }

    [Test]
    public void Run_VersionThatExists_IsRefusedBeforeAnyStage()
    {
        var request = Request();
        Directory.CreateDirectory(request.Folder);
        var reports = new Reports();
        Assert.That(() => new TrainingRun(request, new FakeTimeProvider(), new RunProgress(reports)).Run(CancellationToken.None),
            Throws.InstanceOf<IOException>().With.Message.Contains("exists; use another --version"));
        Assert.That(reports.All, Is.Empty);
    }

    private TrainRequest Request()
    {
        var log = Path.Combine(_folder, "train.events");
        SimulatedLog.Write(new SimulationOptions { Customers = 200, Terminals = 400, Radius = 20, Days = 45, Seed = 5 }, log, null,
            (_, _) => { }, CancellationToken.None);
        foreach (var file in new[] { "features.json", "rates.json", "policy.json", "costs.json" })
        {
            File.Copy(RepositoryFiles.Path("models", file), Path.Combine(_folder, file));
        }
        return new TrainRequest
        {
            Log = log, Models = _folder, Model = "payments", Version = "1", Replace = false, WarmUpDays = 8, GapDays = 3, TestDays = 7,
            LabelHorizonMs = LabelledPayments.DefaultHorizonMs, MatureShare = LabelMaturity.DefaultShare,
            Parameters = new EnsembleParameters
            {
                Trees = new BoostedTreesParameters { Trees = 10 }, Members = ["trees", "linear"], Folds = 2, FoldGap = TimeSpan.FromDays(3),
            },
            Seed = 1, Trials = 0, Costs = null, Runs = Path.Combine(_folder, RunLog.FileName), CommandLine = "train", Command = "train",
        };
    }

    private static IEnumerable<(int, string)> Numbers(MatchCollection lines) =>
        lines.Select(line => (int.Parse(line.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), line.Groups[2].Value));

    private sealed class Reports : IProgress<StepProgress>
    {
        public List<StepProgress> All { get; } = [];

        public void Report(StepProgress value) => All.Add(value);
    }

    [GeneratedRegex(@"^///\s+(\d+) (\w+)  ", RegexOptions.Multiline)]
    private static partial Regex CommentLine();

    [GeneratedRegex(@"^\s+// (\d+) (\w+)$", RegexOptions.Multiline)]
    private static partial Regex BodyLine();

    [GeneratedRegex(@"Enter\(TrainingStage\.(\w+)\);")]
    private static partial Regex EnteredStage();
}
