using FraudScoring.Server.Kafka;
using FraudScoring.Server.Spool;
using FraudScoring.Tests.Server.Monitoring;
using FraudScoring.Tests.Server.Spool;

namespace FraudScoring.Tests.Server.Kafka;

public sealed class UnusedSpoolsTests
{
    private readonly RecordedLog<UnusedSpoolsTests> _log = new();
    private SpoolFolder _folder = null!;

    [SetUp]
    public void Create()
    {
        _folder = new SpoolFolder();
        using var file = _folder.Open();
        Assert.That(file.Append(SpoolFolder.Records(1, 40)), Is.EqualTo(SpoolOutcome.Done));
        Assert.That(file.DeleteThrough(10), Is.EqualTo(SpoolOutcome.Done));
        _log.Lines.Clear();
    }

    [TearDown]
    public void Delete() => _folder.Dispose();

    [TestCase(SpoolMode.Off, "decisions", true)]
    [TestCase(SpoolMode.OnOutage, "other", true)]
    [TestCase(SpoolMode.OnOutage, "decisions", false)]
    public void Report_SpoolOfThisTopic_NamesItsFileAndTheNumberOfItsRecords(object mode, string topic, bool isReported)
    {
        var before = File.ReadAllBytes(_folder.File);
        Report((SpoolMode)mode, topic);
        Assert.That(_log.Lines.Select(line => line.Line), isReported
            ? Has.One.StartsWith($"The spool {_folder.File} has 30 records for topic decisions that are not delivered: ")
            : Is.Empty);
        Assert.That(File.ReadAllBytes(_folder.File), Is.EqualTo(before));
        using var file = _folder.Open();
        Assert.That(file.Count, Is.EqualTo(30));
    }

    [Test]
    public void Report_RecordsThatAreOnlyInTheLogOfAKilledProcess_AreCounted()
    {
        // A copy of the files of an open spool is what a kill leaves behind.
        using (var file = _folder.Open())
        {
            Assert.That(file.Append(SpoolFolder.Records(41, 5)), Is.EqualTo(SpoolOutcome.Done));
            Copy("");
            Copy("-wal");
        }
        Report(SpoolMode.OnOutage, "decisions");
        Assert.That(_log.Lines.Select(line => line.Line), Has.One.Contains("killed.db has 35 records for topic killed"));

        void Copy(string suffix)
        {
            using var source = new FileStream(_folder.File + suffix, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var target = File.Create(Path.Combine(_folder.Folder, "killed.db" + suffix));
            source.CopyTo(target);
        }
    }

    [Test]
    public void Report_FilesWithoutRecordsAndOtherFiles_AreNotReported()
    {
        File.WriteAllText(Path.Combine(_folder.Folder, "notes.db"), "not a database, and not a spool");
        using (var file = _folder.Open())
        {
            Assert.That(file.DeleteThrough(40), Is.EqualTo(SpoolOutcome.Done));
        }
        Report(SpoolMode.Off, "decisions");
        Assert.That(_log.Lines, Is.Empty);
    }

    [Test]
    public void Report_NoFolder_DoesNothing()
    {
        UnusedSpools.Report(new KafkaOptions(), new SpoolOptions(), _log);
        UnusedSpools.Report(new KafkaOptions(), new SpoolOptions { Folder = Path.Combine(_folder.Folder, "none") }, _log);
        Assert.That(_log.Lines, Is.Empty);
    }

    private void Report(SpoolMode mode, string topic) =>
        UnusedSpools.Report(new KafkaOptions { DecisionsTopic = topic }, new SpoolOptions { Folder = _folder.Folder, Mode = mode }, _log);
}
