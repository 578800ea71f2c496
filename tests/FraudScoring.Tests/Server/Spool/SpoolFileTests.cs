using FraudScoring.Server.Spool;

namespace FraudScoring.Tests.Server.Spool;

public sealed class SpoolFileTests
{
    private SpoolFolder _folder = null!;

    [SetUp]
    public void Create() => _folder = new SpoolFolder();

    [TearDown]
    public void Delete() => _folder.Dispose();

    [Test]
    public void Append_Records_AreReadInOrderAlsoAfterReopening()
    {
        using (var file = _folder.Open())
        {
            Assert.That(file.Append(SpoolFolder.Records(1, 3)), Is.EqualTo(SpoolOutcome.Done));
            Assert.That(file.Append([new SpooledRecord("other", null, null, [])]), Is.EqualTo(SpoolOutcome.Done));
            Assert.That((file.First, file.Last, file.Count), Is.EqualTo((1, 4, 4)));
        }
        using var reopened = _folder.Open();
        var expected = SpoolFolder.Records(1, 3).Append(new SpooledRecord("other", null, null, []))
            .Select((record, i) => SpoolFolder.Text(new SpoolRow(i + 1, record)));
        Assert.That(SpoolFolder.ReadAll(reopened), Is.EqualTo(expected));
        Assert.That((reopened.First, reopened.Last), Is.EqualTo((1, 4)));
    }

    [Test]
    public void DeleteThrough_ANumber_RemovesTheRecordsUpToIt()
    {
        using var file = _folder.Open();
        file.Append(SpoolFolder.Records(1, 5));
        Assert.That(file.DeleteThrough(3), Is.EqualTo(SpoolOutcome.Done));
        Assert.That((file.First, file.Last, file.Count), Is.EqualTo((4, 5, 2)));
        Assert.That(SpoolFolder.ReadAll(file), Has.Count.EqualTo(2));
    }

    [Test]
    public void Append_AfterTheSpoolWasEmpty_GoesOnWithTheNumbers()
    {
        using (var file = _folder.Open())
        {
            file.Append(SpoolFolder.Records(1, 5));
            file.DeleteThrough(5);
            file.Compact();
        }
        using var reopened = _folder.Open();
        Assert.That((reopened.First, reopened.Last, reopened.Count), Is.EqualTo((6, 5, 0)));
        reopened.Append(SpoolFolder.Records(6, 1));
        Assert.That(SpoolFolder.ReadAll(reopened).Single(), Does.StartWith("6 "));
    }

    [Test]
    public void Compact_ALargeEmptyFile_ShrinksItAndKeepsTheNumbers()
    {
        using var file = _folder.Open(maxBytes: 256 * 1024 * 1024);
        var large = new SpooledRecord("decisions", null, new byte[1024 * 1024], []);
        for (var i = 0; i < 7; i++)
        {
            Assert.That(file.Append([.. Enumerable.Repeat(large, 10)]), Is.EqualTo(SpoolOutcome.Done));
        }
        Assert.That(file.Space.UsedBytes, Is.GreaterThan(64 * 1024 * 1024));
        file.DeleteThrough(70);
        Assert.That(file.Compact(), Is.EqualTo(SpoolOutcome.Done), file.Reason);
        Assert.That(new FileInfo(_folder.File).Length, Is.LessThan(1024 * 1024));
        file.Append([large]);
        Assert.That((file.First, file.Last), Is.EqualTo((71, 71)));
    }

    [Test]
    public void Append_BeyondTheMaximumSize_IsFullAndStoresNothingOfTheBatch()
    {
        using var file = _folder.Open(maxBytes: 1024 * 1024);
        var batch = SpoolFolder.Records(0, 100);
        var stored = 0;
        SpoolOutcome outcome;
        while ((outcome = file.Append(batch)) == SpoolOutcome.Done && stored < 100)
        {
            stored++;
        }
        Assert.That(outcome, Is.EqualTo(SpoolOutcome.Full));
        Assert.That(stored, Is.InRange(8, 14), "100 records of about 760 bytes in 1 MiB");
        Assert.That(file.Count, Is.EqualTo(stored * 100));
        Assert.That(SpoolFolder.ReadAll(file), Has.Count.EqualTo(stored * 100));

        // What was deleted makes room.
        Assert.That(file.DeleteThrough(500), Is.EqualTo(SpoolOutcome.Done));
        Assert.That(file.Append(batch), Is.EqualTo(SpoolOutcome.Done));
    }

    [Test]
    public void Read_LargeRecords_TakesOnlyAFewAtATime()
    {
        using var file = _folder.Open(maxBytes: 256 * 1024 * 1024);
        var large = new SpooledRecord("dead letters", new byte[500_000], new byte[500_000], []);
        for (var i = 0; i < 20; i++)
        {
            file.Append([.. Enumerable.Repeat(large, 5)]);
        }
        for (var (after, read) = (0L, new List<SpoolRow>()); after < 100; after = read[^1].Seq)
        {
            read.Clear();
            Assert.That(file.Read(after, 100, read), Is.EqualTo(SpoolOutcome.Done));
            Assert.That(read, Has.Count.InRange(1, 5), $"after {after}");
        }
        file.Append([large with { Value = new byte[20_000_000] }]);
        var rows = new List<SpoolRow>();
        Assert.That(file.Read(100, 100, rows), Is.EqualTo(SpoolOutcome.Done));
        Assert.That(rows, Has.Count.EqualTo(1));
    }

    [Test]
    public void TryOpen_FileOfAnotherProcess_SaysSo()
    {
        using var file = _folder.Open();
        Assert.That(SpoolFile.TryOpen(_folder.File, 1024 * 1024, out _, out _), Is.EqualTo(SpoolOutcome.InUse));
    }

    [Test]
    public void TryOpen_LogCutAtAnyByteOfTheLastCommit_HasEveryEarlierCommitAndAllOrNothingOfTheLast()
    {
        byte[] database, before, after;
        using (var file = _folder.Open())
        {
            file.Append(SpoolFolder.Records(1, 3));
            before = ReadShared(_folder.Log);
            file.Append(SpoolFolder.Records(4, 2));
            (database, after) = (ReadShared(_folder.File), ReadShared(_folder.Log));
        }
        Assert.That(after, Has.Length.GreaterThan(before.Length));
        for (var length = before.Length; length <= after.Length; length += length < after.Length - 64 ? 61 : 1)
        {
            using var cut = new SpoolFolder();
            File.WriteAllBytes(cut.File, database);
            File.WriteAllBytes(cut.Log, after[..length]);
            using var file = cut.Open();
            Assert.That(file.Count, Is.EqualTo(length == after.Length ? 5 : 3), $"{length} bytes of {after.Length}");
            Assert.That(SpoolFolder.ReadAll(file), Has.Count.EqualTo(file.Count));
        }
    }

    private static byte[] ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
