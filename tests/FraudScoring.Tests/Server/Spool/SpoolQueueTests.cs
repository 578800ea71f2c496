using FraudScoring.Core.Payments;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Spool;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.Tests.Server.Spool;

public sealed class SpoolQueueTests
{
    private SpoolFolder _folder = null!;

    [SetUp]
    public void Create() => _folder = new SpoolFolder();

    [TearDown]
    public void Delete() => _folder.Dispose();

    [Test]
    public void Open_AnyByteOfTheFileFlipped_DeliversEveryOtherRecordAndAcceptsNewOnes()
    {
        const int count = 60;
        using (var file = _folder.Open())
        {
            file.Append(SpoolFolder.Records(1, count));
            file.Compact();
        }
        var intact = File.ReadAllBytes(_folder.File);
        var expected = SpoolFolder.Records(1, count).Select(SpoolFolder.Text).ToHashSet();
        var random = new Random(20261129);
        var worst = count;
        // The first page holds the header and the schema, so each of its first bytes counts; the rest by chance.
        foreach (var at in Enumerable.Range(0, 112).Concat(Enumerable.Range(0, 300).Select(_ => random.Next(intact.Length))))
        {
            using var damaged = new SpoolFolder();
            var bytes = intact.ToArray();
            bytes[at] ^= (byte)(1 + random.Next(255));
            File.WriteAllBytes(damaged.File, bytes);

            var corruptions = ServerMetrics.SpoolCorruptions.WithLabels("decisions").Value;
            using var queue = Open(damaged);
            var lost = queue.DamagedAtOpen;
            queue.Lost = (count, _) => lost += count;
            var rows = ReadAll(queue);
            Assert.That(rows.ConvertAll(row => SpoolFolder.Text(row.Record)), Is.SubsetOf(expected), $"byte {at}");
            Assert.That(rows.Count + lost, Is.EqualTo(count), $"byte {at}");
            if (rows.Count < count)
            {
                Assert.That(ServerMetrics.SpoolCorruptions.WithLabels("decisions").Value, Is.GreaterThan(corruptions), $"byte {at}");
            }
            worst = Math.Min(worst, rows.Count);
            Assert.That(queue.TryAppend(SpoolFolder.Records(100, 1), out var first), $"byte {at}");
            Assert.That(ReadAll(queue)[^1].Seq, Is.EqualTo(first), $"byte {at}");
        }
        Assert.That(worst, Is.GreaterThanOrEqualTo(count - 11), "a page holds ten records");
    }

    [Test]
    public void Open_LastRecordsDamaged_GoesOnAfterTheirNumbers_AndIsEmptyOnceTheOthersAreDeleted()
    {
        using (var file = _folder.Open())
        {
            file.Append(SpoolFolder.Records(1, 60));
            file.Compact();
        }
        var bytes = File.ReadAllBytes(_folder.File);
        // All copies of the contents of the last rows.
        foreach (var content in SpoolFolder.Records(58, 3).Select(record => record.Value))
        {
            for (var at = 0; bytes.AsSpan(at).IndexOf(content) is >= 0 and var next; at += next + 1)
            {
                bytes[at + next] ^= 1;
            }
        }
        File.WriteAllBytes(_folder.File, bytes);
        using (var queue = Open(_folder))
        {
            var lost = queue.DamagedAtOpen;
            queue.Lost = (count, _) => lost += count;
            Assert.That(ReadAll(queue), Has.Count.EqualTo(57));
            Assert.That((lost, queue.Last), Is.EqualTo((3, 60)));
            queue.Delete(57);
            Tidy(queue);
            Assert.That(queue.Count, Is.Zero);
            Assert.That(queue.TryAppend(SpoolFolder.Records(61, 1), out var first));
            Assert.That(first, Is.EqualTo(61));
            Tidy(queue);
            Assert.That(ReadAll(queue).ConvertAll(row => row.Seq), Is.EqualTo(new[] { 61 }));
        }
        using var again = Open(_folder);
        Assert.That((again.First, again.Last, again.DamagedAtOpen), Is.EqualTo((61, 61, 0)));
    }

    [Test]
    public void Open_ForeignFile_IsSetAsideAndReplaced()
    {
        File.WriteAllText(_folder.File, string.Concat(Enumerable.Repeat("not a database. ", 1000)));
        using var queue = Open(_folder);
        Assert.That(queue.TryAppend(SpoolFolder.Records(1, 1), out _));
        Assert.That(Directory.GetFiles(_folder.Folder, "decisions.db.corrupt-*"), Has.Length.EqualTo(1));
    }

    [Test]
    public void Open_FolderThatCannotBeWritten_IsAFaultThatNamesIt()
    {
        // A file where the folder should be: also the super user cannot write there.
        File.WriteAllText(Path.Combine(_folder.Folder, "file"), "");
        var faults = new Faults();
        var path = Path.Combine(_folder.Folder, "file", "decisions.db");
        Assert.That(
            SpoolQueue.Open("decisions", path, new SpoolOptions(), TimeProvider.System, NullLogger.Instance, faults), Is.Null);
        Assert.That(faults.ToString(), Does.StartWith("Spool:Folder: cannot be used: "));
    }

    [Test]
    public void TryAppend_FullSpool_RefusesUntilItIsBelowFourFifths()
    {
        using var queue = Open(_folder, new SpoolOptions { MaxSizeMiB = 1 });
        Fill(queue);
        var most = queue.Count;
        Assert.That(queue.IsFull);

        queue.Delete(most / 10);
        Tidy(queue);
        Assert.That(queue.IsFull, "85 % are used");
        Assert.That(queue.TryAppend(SpoolFolder.Records(1, 1), out _), Is.False);

        queue.Delete(most / 4);
        Tidy(queue);
        Assert.That(queue.IsFull, Is.False, "71 % are used");
        Assert.That(queue.TryAppend(SpoolFolder.Records(1, 1), out _));
    }

    [Test]
    public void TryAppend_FullSpoolThatDropsTheOldest_KeepsTheNewestAndCounts()
    {
        using var queue = Open(_folder, new SpoolOptions { MaxSizeMiB = 1, WhenFull = SpoolFullAction.DropOldest });
        var dropped = 0L;
        queue.Lost = (count, reason) => dropped += reason == "dropped_oldest" ? count : 0;
        for (var i = 0; i < 40; i++)
        {
            Assert.That(queue.TryAppend(SpoolFolder.Records(i * 100, 100), out _), $"batch {i}");
            Tidy(queue);
        }
        Assert.That(queue.Last, Is.EqualTo(4000));
        Assert.That(queue.Count + dropped, Is.EqualTo(4000));
        Assert.That(queue.Count, Is.InRange(500, 1400));
        Assert.That(ReadAll(queue)[^1].Seq, Is.EqualTo(4000));
    }

    [Test]
    public void TryAppend_RecordThatCannotFit_IsRefusedAndDropsNothing()
    {
        using var queue = Open(_folder, new SpoolOptions { MaxSizeMiB = 1, WhenFull = SpoolFullAction.DropOldest });
        Assert.That(queue.TryAppend(SpoolFolder.Records(1, 500), out _));
        var lost = 0L;
        queue.Lost = (count, _) => lost += count;
        Assert.That(queue.TryAppend([new SpooledRecord("dead letters", null, new byte[2 * 1024 * 1024], [])], out _), Is.False);
        Assert.That((queue.Count, lost), Is.EqualTo((500, 0)));
        Tidy(queue);
        Assert.That(queue.TryAppend(SpoolFolder.Records(1, 1), out _));
        Assert.That((queue.Count, queue.IsFull), Is.EqualTo((501, false)));
    }

    private static void Fill(SpoolQueue queue)
    {
        for (var i = 0; i < 100 && queue.TryAppend(SpoolFolder.Records(i, 20), out _); i++)
        {
            Tidy(queue);
        }
    }

    // Tidy works at most every tenth of a second.
    private static void Tidy(SpoolQueue queue)
    {
        Time.Advance(TimeSpan.FromSeconds(2));
        queue.Tidy();
    }

    private static readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider Time = new();

    private static SpoolQueue Open(SpoolFolder folder, SpoolOptions? options = null)
    {
        var faults = new Faults();
        var queue = SpoolQueue.Open("decisions", folder.File, options ?? new SpoolOptions(), Time, NullLogger.Instance, faults);
        Assert.That(faults, Is.Empty);
        return queue!;
    }

    private static List<SpoolRow> ReadAll(SpoolQueue queue)
    {
        var rows = new List<SpoolRow>();
        for (var isRead = false; !isRead;)
        {
            var before = rows.Count;
            isRead = queue.Read(rows.Count == 0 ? 0 : rows[^1].Seq, 7, rows) && rows.Count == before;
        }
        return [.. rows.DistinctBy(row => row.Seq)];
    }
}
