using FraudScoring.Core.Payments;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Spool;
using FraudScoring.TestKit.Services;
using FraudScoring.Tests.Server.Monitoring;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Server.Spool;

/// <summary>A corrupt file is replaced as a whole or not at all.</summary>
public sealed class SpoolRecoveryTests
{
    private const int Records = 60;

    private readonly FakeTimeProvider _time = new();
    private readonly RecordedLog<SpoolRecoveryTests> _log = new();
    private SpoolFolder _folder = null!;

    [SetUp]
    public void Create()
    {
        _folder = new SpoolFolder();
        _log.Lines.Clear();
    }

    [TearDown]
    public void Delete() => _folder.Dispose();

    [Test]
    public void Open_ReplacementInterruptedAfterTheCorruptFileWasMoved_TakesTheNewFile()
    {
        WriteDamaged(_folder.File);
        var log = File.ReadAllBytes(_folder.File);
        SpoolRecovery.Replace(_folder.File, new SpoolOptions().MaxBytes, [], null, "a test", _time);
        File.Move(_folder.File, $"{_folder.File}.new");
        File.WriteAllBytes(_folder.Log, log);
        // A start that fails for another reason: nobody reads its metrics.
        Open(_folder.File).Dispose();
        _log.Lines.Clear();

        var corruptions = ServerMetrics.SpoolCorruptions.WithLabels("decisions").Value;
        using (var queue = Open(_folder.File))
        {
            Assert.That(queue.DamagedAtOpen, Is.EqualTo(1));
            queue.Tidy();
            Assert.That(ReadAll(queue), Has.Count.EqualTo(Records - 1));
            Assert.That(queue.TryAppend(SpoolFolder.Records(Records, 1), out _));
        }
        Assert.That(Directory.GetFiles(_folder.Folder, "*.new*"), Is.Empty);
        Assert.That(ServerMetrics.SpoolCorruptions.WithLabels("decisions").Value, Is.EqualTo(corruptions + 1));
        Assert.That(_log.Lines.Single().Line, Does.Contain("was damaged").And.Contain("a test"));

        using var again = Open(_folder.File);
        Assert.That(again.DamagedAtOpen, Is.Zero, "a loss is counted once");
    }

    [Test]
    public void Read_ReplacementThatStoppedBetweenTheMoves_TakesTheNewFile()
    {
        using var file = _folder.Open();
        file.Append(SpoolFolder.Records(1, Records));
        file.Dispose();
        File.Move(_folder.File, $"{_folder.File}.new");
        Assert.That(SpoolFolder.ReadAll(file), Has.Count.EqualTo(Records));
    }

    [Test]
    public void Open_DiskWithRoomForAReplacementButNotNextToAnOlderOne_DeletesTheOlderOneFirst()
    {
        using var disk = SmallDisk.TryMount(1024 * 1024, out var reason);
        if (disk is null)
        {
            Assert.Ignore(reason);
        }
        var path = Path.Combine(disk!.Folder, "decisions.db");
        WriteDamaged(path);
        disk.Fill();
        File.Move(Path.Combine(disk.Folder, "filler"), $"{path}.corrupt-20200101T000000000");
        using var queue = Open(path, isIntact: false);
        Assert.That(ReadAll(queue), Has.Count.EqualTo(Records - 1));
    }

    [Test]
    public void Open_ReplacementInterruptedBefore_BeginsAgain()
    {
        WriteDamaged(_folder.File);
        File.WriteAllText($"{_folder.File}.new", "half");
        File.WriteAllText($"{_folder.File}.new-wal", "half");
        Directory.CreateDirectory($"{_folder.File}.salvage-1");
        File.WriteAllText($"{_folder.File}.corrupt-20200101T000000000", "an older one");

        using var queue = Open(_folder.File);
        Assert.That(ReadAll(queue), Has.Count.EqualTo(Records - 1));
        Assert.That(Directory.GetFileSystemEntries(_folder.Folder).Select(Path.GetFileName), Is.EquivalentTo(new[]
        {
            "decisions.db", "decisions.db-wal", $"decisions.db.corrupt-{_time.GetUtcNow():yyyyMMddTHHmmssfff}",
        }));
    }

    [Test]
    public void Read_DiskWithoutRoomForANewFile_LosesNothing_AndReplacesItOnceThereIsRoom()
    {
        using var disk = SmallDisk.TryMount(1024 * 1024, out var reason);
        if (disk is null)
        {
            Assert.Ignore(reason);
        }
        var path = Path.Combine(disk!.Folder, "decisions.db");
        WriteDamaged(path);
        disk.Fill();
        using var queue = Open(path, isIntact: false);
        var lost = 0L;
        queue.Lost = (count, _) => lost += count;
        for (var i = 0; i < 3; i++)
        {
            Assert.That(ReadAll(queue), Has.Count.LessThan(Records - 1), "those before the damaged one");
            queue.Tidy();
        }
        Assert.That(_log.Lines.Count(line => line.Line.Contains("could not be replaced", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That((lost, Directory.GetFiles(disk.Folder, "*.corrupt-*")), Is.EqualTo((0, Array.Empty<string>())));

        disk.Free();
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.That(ReadAll(queue), Has.Count.EqualTo(Records - 1));
        Assert.That(lost, Is.EqualTo(1));
    }

    [Test]
    public void Read_FolderThatCannotBeWritten_SaysSo()
    {
        using var disk = SmallDisk.TryMount(1024 * 1024, out var reason);
        if (disk is null)
        {
            Assert.Ignore(reason);
        }
        var path = Path.Combine(disk!.Folder, "decisions.db");
        WriteDamaged(path);
        disk.Protect();
        Assert.That(() => SpoolSalvage.Read(path, _ => { }),
            Throws.InstanceOf<IOException>().With.Message.Contains("Read-only file system"));
    }

    [Test]
    public void Compute_RecordWithALongTopic_NeedsNoStack()
    {
        var record = SpoolFolder.Record(1) with { Topic = new string('x', 10_000_000) };
        var checksum = new SpoolChecksum();
        Assert.That(checksum.Compute(1, record), Is.Not.EqualTo(checksum.Compute(2, record)));
    }

    /// <summary>Writes a spool file of which one record, in its middle, is damaged.</summary>
    private static void WriteDamaged(string path)
    {
        Assert.That(SpoolFile.TryOpen(path, 64 * 1024 * 1024, out var file, out var reason), Is.EqualTo(SpoolOutcome.Done), reason);
        file!.Append(SpoolFolder.Records(1, Records));
        file.Compact();
        file.Dispose();
        var bytes = File.ReadAllBytes(path);
        var content = SpoolFolder.Record(Records / 2).Value;
        for (var at = 0; bytes.AsSpan(at).IndexOf(content) is >= 0 and var next; at += next + 1)
        {
            bytes[at + next] ^= 1;
        }
        File.WriteAllBytes(path, bytes);
    }

    private SpoolQueue Open(string path, bool isIntact = true)
    {
        var faults = new Faults();
        var queue = SpoolQueue.Open("decisions", path, new SpoolOptions(), _time, _log, faults);
        Assert.That(faults, Is.Empty);
        if (isIntact)
        {
            Assert.That(queue!.Count, Is.InRange(Records - 1, Records));
        }
        return queue!;
    }

    private static List<SpoolRow> ReadAll(SpoolQueue queue)
    {
        var rows = new List<SpoolRow>();
        for (var reads = 0; reads < 10; reads++)
        {
            queue.Read(rows.Count == 0 ? 0 : rows[^1].Seq, 100, rows);
        }
        return rows;
    }
}
