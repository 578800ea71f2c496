using System.Diagnostics;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Spool;
using FraudScoring.TestKit.Services;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Server.Spool;

/// <summary>The disk of the spool is full or read-only. The size limit of the spool is not reached in these tests.</summary>
public sealed class SpoolDiskTests
{
    private const int DiskBytes = 2 * 1024 * 1024;

    private readonly FakeTimeProvider _time = new();
    private SmallDisk _disk = null!;

    private string File => Path.Combine(_disk.Folder, "decisions.db");

    [SetUp]
    public void Mount()
    {
        if (SmallDisk.TryMount(DiskBytes, out var reason) is not { } disk)
        {
            Assert.Ignore(reason);
            return;
        }
        _disk = disk;
    }

    [TearDown]
    public void Unmount() => _disk?.Dispose();

    [TestCase(SpoolFullAction.Refuse)]
    [TestCase(SpoolFullAction.ScoreWithoutRecord)]
    [TestCase(SpoolFullAction.DropOldest)]
    public void TryAppend_DiskFilledByOthers_IsFull_AndGoesOnWhenSpaceIsFree(object whenFull)
    {
        using var queue = Open((SpoolFullAction)whenFull);
        Assert.That(queue.TryAppend(SpoolFolder.Records(1, 20), out _));
        _disk.Fill();
        Assert.That(FillSpool(queue), Is.LessThan(200));
        Assert.That(queue.IsFull);
        var (first, last) = (queue.First, queue.Last);
        Tidy(queue);
        Assert.That(queue.IsFull, "no space is free yet");

        _disk.Free();
        Tidy(queue);
        Assert.That(queue.IsFull, Is.False);
        Assert.That(queue.TryAppend(SpoolFolder.Records(2, 20), out var next));
        Assert.That(next, Is.EqualTo(last + 1), "nothing of a refused batch is stored");
        Assert.That(queue.First, Is.EqualTo(first));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void TryAppend_DiskFilledByTheSpoolItself_GoesOnWhenItsRecordsAreDelivered(bool isFilledByOthersToo)
    {
        using var queue = Open(SpoolFullAction.Refuse);
        // Small batches fill the disk nearly to its last page. Those that wait meanwhile make a large batch.
        FillSpool(queue);
        while (queue.TryAppend(SpoolFolder.Records(1, 1), out _) || !queue.IsFull)
        {
            Tidy(queue);
        }
        Assert.That(queue.Count, Is.GreaterThan(800), "at least a third of the disk");

        // Deleting takes space, too.
        if (isFilledByOthersToo)
        {
            _disk.Fill();
        }
        // One by one: if all are deleted in one step that fails, the file is replaced.
        for (var delivered = isFilledByOthersToo ? queue.Last : queue.First; delivered <= queue.Last; delivered += 10)
        {
            queue.Delete(delivered);
            Tidy(queue);
        }
        queue.Delete(queue.Last);
        Tidy(queue);
        Tidy(queue);
        Assert.That((queue.IsFull, queue.Count), Is.EqualTo((false, 0)));
        var last = queue.Last;
        Assert.That(queue.TryAppend(SpoolFolder.Records(1, isFilledByOthersToo ? 20 : 150), out var first));
        Assert.That(first, Is.EqualTo(last + 1));
    }

    [Test]
    public void TryAppend_DiskFilledByTheSpoolItself_DropsTheOldestAndKeepsTheNewest()
    {
        using var queue = Open(SpoolFullAction.DropOldest);
        var dropped = 0L;
        queue.Lost = (count, reason) => dropped += reason == "dropped_oldest" ? count : 0;
        for (var i = 0; i < 200; i++)
        {
            Assert.That(queue.TryAppend(SpoolFolder.Records(i, 50), out _), $"batch {i}");
            Tidy(queue);
        }
        Assert.That(queue.Last, Is.EqualTo(10_000));
        Assert.That(queue.Count, Is.InRange(500, 2000));
        Assert.That(queue.Count + dropped, Is.EqualTo(10_000));
    }

    [Test]
    public void Open_FullDisk_ReadsWhatTheSpoolHas_AndGoesOnWhenSpaceIsFree()
    {
        using (var before = Open(SpoolFullAction.Refuse))
        {
            before.TryAppend(SpoolFolder.Records(1, 30), out _);
        }
        _disk.Fill();
        using var queue = Open(SpoolFullAction.Refuse);
        Tidy(queue);
        Assert.That((queue.IsFull, queue.Count), Is.EqualTo((true, 30)));
        var rows = new List<SpoolRow>();
        Assert.That(queue.Read(0, 100, rows));
        Assert.That(rows.ConvertAll(row => SpoolFolder.Text(row.Record)), Is.EqualTo(SpoolFolder.Records(1, 30).Select(SpoolFolder.Text)));

        _disk.Free();
        Tidy(queue);
        Assert.That(queue.TryAppend(SpoolFolder.Records(1, 1), out _));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Open_DiskThatCannotBeUsed_IsAFaultThatNamesTheOptionAndTheRemedy(bool isReadOnly)
    {
        if (isReadOnly)
        {
            Open(SpoolFullAction.Refuse).Dispose();
            _disk.Protect();
        }
        else
        {
            _disk.Fill();
        }
        Assert.That(FaultsOf(File), Does.StartWith($"Spool:Folder: cannot be used: ").And.Contain(File).And.Contain(
            isReadOnly ? "must be able to write" : "free space"));
    }

    [Test]
    public void Open_CountsOnAFullDisk_IsAFaultThatNamesTheOptionAndTheRemedy()
    {
        Open(SpoolFullAction.Refuse).Dispose();
        _disk.Fill();
        var (counts, faults) = (Path.Combine(_disk.Folder, "decisions.counts"), new Faults());
        for (var i = 0; i < 2; i++)
        {
            Assert.That(SpoolCounts.Open(counts, 0, SpoolMode.Always, out _, faults), Is.Null);
        }
        Assert.That(faults.ToString(), Does.StartWith($"Spool:Folder: cannot be used: {counts}: ").And.Contain("free space"));

        _disk.Free();
        SpoolCounts.Open(counts, 0, SpoolMode.Always, out _, faults = new Faults())!.Dispose();
        Assert.That(faults, Is.Empty);
    }

    [Test]
    public void Open_FolderOnAReadOnlyDisk_IsAFaultThatNamesTheOptionAndTheRemedy()
    {
        _disk.Protect();
        var folder = Path.Combine(_disk.Folder, "spool");
        Assert.That(FaultsOf(Path.Combine(folder, "decisions.db")),
            Does.StartWith($"Spool:Folder: cannot be used: ").And.Contain(folder).And.Contain("must be able to write"));
    }

    [Test]
    public void Open_FileOfAnotherProcess_IsAFaultThatNamesTheOptionAndTheRemedy()
    {
        using var queue = Open(SpoolFullAction.Refuse);
        Assert.That(FaultsOf(File), Is.EqualTo(
            $"Spool:Folder: cannot be used: {File} is in use by another process; give each instance a spool folder of its own"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Probe_FileThatCouldNotBeBegunAnew_GoesOnWhenSpaceIsFree(bool isProbed)
    {
        Assert.That(SpoolFile.TryOpen(File, new SpoolOptions().MaxBytes, out var opened, out _), Is.EqualTo(SpoolOutcome.Done));
        using var file = opened!;
        Assert.That(file.Append(SpoolFolder.Records(1, 300)), Is.EqualTo(SpoolOutcome.Done));
        Assert.That(file.DeleteThrough(300), Is.EqualTo(SpoolOutcome.Done));
        Assert.That(file.Checkpoint(), Is.EqualTo(SpoolOutcome.Done));
        // A second name of the file: to delete the first one frees nothing.
        var link = Path.Combine(_disk.Folder, "link");
        using (var command = Process.Start("ln", [File, link]))
        {
            command.WaitForExit();
        }
        _disk.Fill();
        Assert.That(file.Renew(), Is.EqualTo(SpoolOutcome.Full));
        Assert.That(file.Probe(), Is.EqualTo(SpoolOutcome.Full));

        _disk.Free();
        if (isProbed)
        {
            Assert.That(file.Probe(), Is.EqualTo(SpoolOutcome.Done), file.Reason);
        }
        else
        {
            Assert.That(file.Checkpoint(), Is.EqualTo(SpoolOutcome.Done), file.Reason);
        }
        Assert.That(file.Append(SpoolFolder.Records(1, 20)), Is.EqualTo(SpoolOutcome.Done), file.Reason);
        Assert.That((file.First, file.Last), Is.EqualTo((301, 320)));
        Assert.That(SpoolFolder.ReadAll(file), Has.Count.EqualTo(20));
    }

    /// <summary>Appends batches of 20 records until one is refused, or there are 200.</summary>
    /// <returns>The number of batches that were stored.</returns>
    private int FillSpool(SpoolQueue queue)
    {
        var stored = 0;
        while (stored < 200 && queue.TryAppend(SpoolFolder.Records(stored, 20), out _))
        {
            stored++;
            Tidy(queue);
        }
        return stored;
    }

    // Tidy works at most every tenth of a second, and a disk that was full is tried again after a second.
    private void Tidy(SpoolQueue queue)
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        queue.Tidy();
    }

    private SpoolQueue Open(SpoolFullAction whenFull)
    {
        var faults = new Faults();
        var options = new SpoolOptions { WhenFull = whenFull };
        var queue = SpoolQueue.Open("decisions", File, options, _time, NullLogger.Instance, faults);
        Assert.That(faults, Is.Empty);
        return queue!;
    }

    private string FaultsOf(string path)
    {
        var faults = new Faults();
        Assert.That(SpoolQueue.Open("decisions", path, new SpoolOptions(), _time, NullLogger.Instance, faults), Is.Null);
        return faults.ToString().TrimEnd();
    }
}
