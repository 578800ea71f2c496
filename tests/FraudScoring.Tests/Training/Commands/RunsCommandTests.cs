using System.CommandLine;
using FraudScoring.Tests.Training.Runs;
using FraudScoring.Training.Commands;
using FraudScoring.Training.Runs;
using Spectre.Console;

namespace FraudScoring.Tests.Training.Commands;

public sealed class RunsCommandTests
{
    private string _folder = "";
    private string[] _ids = [];

    private string Log => Path.Combine(_folder, RunLog.FileName);

    [SetUp]
    public void CreateRuns()
    {
        _folder = Directory.CreateTempSubdirectory("runs-").FullName;
        _ids = [.. Enumerable.Range(1, 3).Select(i => RunLog.Append(Log, RunRecords.Make(i, 0.8 + (i / 100.0))).Id)];
    }

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task List_LastTwo_ShowsThemTheNewestLast()
    {
        var (code, output, error) = await RunAsync("list", "--last", "2");

        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(output, Does.Not.Contain(_ids[0]).And.Contain("payments/3").And.Contain("1970-01-03 00:00:00").And.Contain("0.83"));
        Assert.That(output.IndexOf(_ids[2], StringComparison.Ordinal), Is.GreaterThan(output.IndexOf(_ids[1], StringComparison.Ordinal)));
    }

    [Test]
    public async Task Compare_TwoRuns_ShowsTheirDifferencesAndMetrics()
    {
        var (code, output, _) = await RunAsync("compare", _ids[0][..6], _ids[2]);

        Assert.That(code, Is.EqualTo(ExitCode.Success));
        Assert.That(output, Does.Contain("trees.leaves").And.Contain("31").And.Contain("33").And.Not.Contain("trees.depth"));
        Assert.That(output, Does.Contain("average_precision").And.Contain("+0.02").And.Contain("fold 1: average precision of linear"));
    }

    [Test]
    public async Task Compare_UnknownId_NamesTheKnownOnes()
    {
        var (code, _, error) = await RunAsync("compare", _ids[0], "nothing");

        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(_ids, Is.All.Matches<string>(id => error.Contains(id!, StringComparison.Ordinal)), error);
    }

    [Test]
    public async Task List_DamagedLine_IsReportedWithItsNumber()
    {
        await File.AppendAllTextAsync(Log, "nonsense\n");

        var (code, output, error) = await RunAsync("list");

        Assert.That(code, Is.EqualTo(ExitCode.Success));
        Assert.That(error, Does.Contain("line 4: is damaged and was skipped"));
        Assert.That(_ids, Is.All.Matches<string>(id => output.Contains(id!, StringComparison.Ordinal)));
    }

    [Test]
    public async Task List_NoLog_FailsWithWhatToDo()
    {
        File.Delete(Log);

        var (code, _, error) = await RunAsync("list");

        Assert.That((code, error.Contains("--runs", StringComparison.Ordinal)), Is.EqualTo((ExitCode.Failure, true)), error);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 200;
        var root = new RootCommand { RunsCommand.Create(console) };
        var code = await root.Parse(["runs", .. arguments, "--runs", Log])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
