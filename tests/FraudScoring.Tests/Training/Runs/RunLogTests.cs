using FraudScoring.Core.Payments;
using FraudScoring.Training.Runs;

namespace FraudScoring.Tests.Training.Runs;

public sealed class RunLogTests
{
    private string _folder = "";

    private string Log => Path.Combine(_folder, RunLog.FileName);

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("runs-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Append_ThenRead_GivesWhatWasWrittenInOrder()
    {
        var written = Enumerable.Range(1, 3).Select(i => RunLog.Append(Log, RunRecords.Make(i))).ToList();

        var faults = new Faults();
        var read = RunLog.Load(Log, faults);

        Assert.That(faults, Is.Empty);
        Assert.That(read.Select(r => r.Id), Is.EqualTo(written.Select(r => r.Id)).And.Unique.And.All.Matches("^[0-9a-f]{8}$"));
        Assert.That(read[1].Parameters, Is.EqualTo(RunRecords.Make(2).Parameters));
        Assert.That(read[1].Folds[0].AveragePrecision, Is.EqualTo(RunRecords.Make(2).Folds[0].AveragePrecision));
        Assert.That(read[1].Trials[0].Parameters["leaves"], Is.EqualTo("31"));
        Assert.That(File.ReadAllLines(Log), Has.Length.EqualTo(3));
    }

    [Test]
    public void Append_TheSameRunTwice_HasTheSameId()
    {
        var first = RunLog.Append(Log, RunRecords.Make(1));
        var second = RunLog.Append(Log, RunRecords.Make(1));

        Assert.That(second.Id, Is.EqualTo(first.Id));
    }

    [Test]
    public void Append_FromManyThreads_LosesNoLine()
    {
        Parallel.For(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => RunLog.Append(Log, RunRecords.Make(i)));

        var faults = new Faults();
        Assert.That(RunLog.Load(Log, faults).Select(r => r.Model).Distinct().Count(), Is.EqualTo(40));
        Assert.That(faults, Is.Empty);
    }

    [Test]
    public void Read_DamagedLines_AreNamedAndTheOthersKept()
    {
        RunLog.Append(Log, RunRecords.Make(1));
        File.AppendAllText(Log, "{\"id\":\"cut off\n\nnull\n{\"id\":\"12345678\"}\n{\"id\":\"half a li");
        RunLog.Append(Log, RunRecords.Make(2));

        var faults = new Faults();
        var read = RunLog.Load(Log, faults);

        Assert.That(read.Select(r => r.Model), Is.EqualTo(new[] { "payments/1", "payments/2" }));
        Assert.That(faults.Select(f => f.Field), Is.EqualTo(new[] { 2, 4, 5, 6 }.Select(line => $"{Log}, line {line}")));
        Assert.That(faults.Select(f => f.ToString()), Has.All.Contains("is damaged and was skipped"));
    }

    [Test]
    public void Read_NoFile_SaysWhoWritesIt() =>
        Assert.That(() => RunLog.Load(Log, new()), Throws.InstanceOf<IOException>().With.Message.Contains("--runs"));

    [Test]
    public void Find_BeginningOfAnId_GivesTheRun()
    {
        var run = RunLog.Append(Log, RunRecords.Make(1));

        Assert.That(RunLog.Find([run], run.Id[..4].ToUpperInvariant()), Is.SameAs(run));
    }

    [Test]
    public void Find_UnknownOrAmbiguous_NamesTheNearest()
    {
        var runs = new[] { "aaaa1111", "aaaa2222", "bbbb3333" }.Select(id => RunRecords.Make(1) with { Id = id }).ToList();

        Assert.That(() => RunLog.Find(runs, "bbbb3334"),
            Throws.ArgumentException.With.Message.Contains("unknown; the nearest are bbbb3333,"));
        Assert.That(() => RunLog.Find(runs, "aaaa"),
            Throws.ArgumentException.With.Message.Contains("ambiguous; the nearest are aaaa1111, aaaa2222"));
        Assert.That(() => RunLog.Find(runs, ""), Throws.ArgumentException);
        Assert.That(() => RunLog.Find([], "aaaa"), Throws.ArgumentException.With.Message.Contains("the run log is empty"));
    }
}
