using FraudScoring.Server.Spool;

namespace FraudScoring.Tests.Server.Spool;

/// <summary>The search for intact records in a damaged file finds what can be reached, and ends soon.</summary>
public sealed class SpoolSearchTests
{
    private const int PageSize = 8192, Leaf = 13, Count = 300;

    private SpoolFolder _folder = null!;

    [SetUp]
    public void Create() => _folder = new SpoolFolder();

    [TearDown]
    public void Delete() => _folder.Dispose();

    [TestCase(1L, true)]
    [TestCase(2_000_000L, true)]
    [TestCase(2_000_000L, false)]
    [TestCase(1_000_000_000_000L, false)]
    public void Read_FirstLeafUnreadable_FindsTheOthersInAFewScans(long first, bool hasEnds)
    {
        var bytes = Write(first);
        var leaves = Leaves(bytes);
        bytes[leaves[0]] ^= 0x40;
        bytes[2 * PageSize] ^= (byte)(hasEnds ? 0 : 0x40);
        var (found, result) = Read(bytes);
        Assert.That(found, Has.Count.InRange(Count - 11, Count - 1));
        Assert.That(result.Ends, Is.EqualTo(hasEnds ? (first - 1, first + Count - 1, 0L) : null));
        Assert.That(result.Scans, Is.LessThan(hasEnds ? 200 : 20_000));
    }

    [Test]
    public void Read_ManyLeavesUnreadable_FindsEveryOtherRecord()
    {
        var bytes = Write(1);
        var leaves = Leaves(bytes);
        for (var i = 0; i < leaves.Count; i++)
        {
            bytes[leaves[i]] ^= (byte)(i % 3 == 1 ? 0 : 0x40);
        }
        var (found, result) = Read(bytes);
        Assert.That(found, Has.Count.InRange(80, 110), "a third of 300");
        Assert.That(result.Scans, Is.LessThan(2000));
    }

    [Test]
    public void Read_RootUnreadable_FindsNothingAndGivesUp()
    {
        var bytes = Write(2_000_000);
        bytes[PageSize] ^= 0x40;
        var (found, result) = Read(bytes);
        Assert.That(found, Is.Empty);
        Assert.That(result.Ends, Is.EqualTo((1_999_999L, 2_000_299L, 0L)), "so that all of them are counted");
        Assert.That(result.Scans, Is.LessThan(20_000));
    }

    private byte[] Write(long first)
    {
        using (var file = _folder.OpenAt(first))
        {
            file.Append(SpoolFolder.Records(1, Count));
            file.Checkpoint();
        }
        return File.ReadAllBytes(_folder.File);
    }

    /// <summary>Where the leaves of the records begin, in the order of the numbers; the first pages are the root and the notes.</summary>
    private static List<int> Leaves(byte[] bytes) =>
        [.. Enumerable.Range(4, (bytes.Length / PageSize) - 4).Select(page => page * PageSize).Where(at => bytes[at] == Leaf)];

    private (HashSet<long> Found, SpoolFound Result) Read(byte[] bytes)
    {
        File.WriteAllBytes(_folder.File, bytes);
        var found = new HashSet<long>();
        var result = SpoolSalvage.Read(_folder.File, rows =>
        {
            Assert.That(rows, Is.Not.Empty);
            found.UnionWith(rows.Select(row => row.Seq));
        });
        return (found, result);
    }
}
