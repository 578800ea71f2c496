using System.Buffers.Binary;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Spool;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.Tests.Server.Spool;

/// <summary>Whatever page of a spool file is damaged: each record is delivered or counted as lost, once.</summary>
public sealed class SpoolDamageTests
{
    private const int PageSize = 8192, Leaf = 13, Interior = 5;

    // The second kind has so many pages that the root's children are interior pages, too.
    private static readonly (int Count, int Bytes)[] Kinds = [(60, 700), (850, 7000)];

    /// <summary>What was read from a damaged file.</summary>
    private readonly record struct Read(int Rows, long Lost, double Corruptions, long Last);

    [Test]
    public void Read_PageWithFewerCells_CountsTheRecordsThatAreMissing([Values(0, 1)] int kind, [Values(1L, 100_000_000L)] long first)
    {
        var intact = Write(kind, first);
        foreach (var page in PagesToDamage(intact))
        {
            foreach (var take in new[] { 1, Cells(intact, page) / 2, Cells(intact, page) }.Distinct())
            {
                var read = ReadDamaged(WithFewerCells(intact, page, take));
                Check(read, Kinds[kind].Count, first, $"page {page} with {take} cells less");
            }
        }
    }

    [Test]
    public void Open_PageThatIsUnreadable_CountsTheRecordsThatAreMissing([Values(0, 1)] int kind, [Values(1L, 100_000_000L)] long first)
    {
        var intact = Write(kind, first);
        foreach (var page in PagesToDamage(intact))
        {
            var bytes = intact.ToArray();
            bytes[Header(page)] ^= 0x40;
            var read = ReadDamaged(bytes);
            Check(read, Kinds[kind].Count, first, $"page {page}");
            Assert.That(read.Corruptions, Is.EqualTo(1), $"page {page}");
        }
    }

    [Test]
    public void Open_ASecondPageDamaged_CountsTheFirstLossOnce([Values] bool isUnreadable)
    {
        using var folder = new SpoolFolder();
        var intact = Write(0, 1);
        var pages = PagesToDamage(intact);
        File.WriteAllBytes(folder.File, WithFewerCells(intact, pages[pages.Count / 2], 3));
        var first = ReadAndClose(folder);
        Assert.That((first.Rows, first.Lost), Is.EqualTo((57, 3)));
        var again = ReadAndClose(folder);
        Assert.That((again.Rows, again.Lost, again.Corruptions), Is.EqualTo((57, 0, 0)), "the loss is known");

        var replaced = File.ReadAllBytes(folder.File);
        foreach (var page in PagesToDamage(replaced))
        {
            var bytes = WithFewerCells(replaced, page, 1);
            bytes[Header(page)] ^= (byte)(isUnreadable ? 0x40 : 0);
            var second = ReadDamaged(bytes);
            Assert.That(second.Rows + second.Lost, Is.EqualTo(57), $"page {page}");
        }
    }

    [Test]
    public void TryAppend_AfterALoss_CountsNeitherTheLossAgainNorDropsItTwice()
    {
        using var folder = new SpoolFolder();
        var intact = Write(0, 1);
        File.WriteAllBytes(folder.File, WithFewerCells(intact, PagesToDamage(intact)[^2], 4));
        ReadAndClose(folder);
        using var queue = Open(folder, new SpoolOptions { MaxSizeMiB = 1, WhenFull = SpoolFullAction.DropOldest });
        var dropped = 0L;
        queue.Lost = (count, _) => dropped += count;
        Assert.That(queue.Count, Is.EqualTo(56));
        for (var i = 0; i < 20; i++)
        {
            Assert.That(queue.TryAppend(SpoolFolder.Records(i * 100, 100), out _), $"batch {i}");
        }
        Assert.That(queue.Count + dropped, Is.EqualTo(56 + 2000));
        Assert.That(ReadAll(queue), Has.Count.EqualTo(queue.Count));
    }

    private static void Check(Read read, int count, long first, string what)
    {
        Assert.That(read.Rows + read.Lost, Is.EqualTo(count), what);
        Assert.That(read.Corruptions, Is.EqualTo(read.Lost > 0 ? 1 : read.Corruptions), what);
        Assert.That(read.Last, Is.EqualTo(first + count - 1), what);
    }

    private static byte[] Write(int kind, long first)
    {
        using var folder = new SpoolFolder();
        using (var file = folder.OpenAt(first))
        {
            file.Append([.. SpoolFolder.Records(1, Kinds[kind].Count).Select(
                record => record with { Value = new byte[Kinds[kind].Bytes] })]);
            file.Checkpoint();
        }
        return File.ReadAllBytes(folder.File);
    }

    /// <summary>Every page of a small file; of a large one the interior pages, and some leaves at the ends and in the middle.</summary>
    private static List<int> PagesToDamage(byte[] file)
    {
        var pages = Enumerable.Range(0, file.Length / PageSize).Where(page => file[Header(page)] is Leaf or Interior).ToList();
        return [.. pages.Where((page, i) =>
            pages.Count < 100 || file[Header(page)] == Interior || i < 8 || i >= pages.Count - 3 || i == pages.Count / 2)];
    }

    private static int Header(int page) => page == 0 ? 100 : page * PageSize;

    private static int Cells(byte[] file, int page) => BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(Header(page) + 3));

    private static byte[] WithFewerCells(byte[] file, int page, int take)
    {
        var bytes = file.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(Header(page) + 3), (ushort)Math.Max(0, Cells(file, page) - take));
        return bytes;
    }

    private static Read ReadDamaged(byte[] file)
    {
        using var folder = new SpoolFolder();
        File.WriteAllBytes(folder.File, file);
        return ReadAndClose(folder);
    }

    private static Read ReadAndClose(SpoolFolder folder)
    {
        var corruptions = ServerMetrics.SpoolCorruptions.WithLabels("decisions").Value;
        using var queue = Open(folder, new SpoolOptions());
        var lost = queue.DamagedAtOpen;
        queue.Lost = (count, _) => lost += count;
        var rows = ReadAll(queue).Count;
        Assert.That(queue.Count, Is.EqualTo(rows));
        queue.Tidy();
        return new Read(rows, lost, ServerMetrics.SpoolCorruptions.WithLabels("decisions").Value - corruptions, queue.Last);
    }

    private static SpoolQueue Open(SpoolFolder folder, SpoolOptions options)
    {
        var faults = new Faults();
        var queue = SpoolQueue.Open("decisions", folder.File, options, TimeProvider.System, NullLogger.Instance, faults);
        Assert.That(faults, Is.Empty);
        return queue!;
    }

    private static List<SpoolRow> ReadAll(SpoolQueue queue)
    {
        var rows = new List<SpoolRow>();
        for (var isRead = false; !isRead;)
        {
            var before = rows.Count;
            isRead = queue.Read(rows.Count == 0 ? 0 : rows[^1].Seq, 100, rows) && rows.Count == before;
        }
        return [.. rows.DistinctBy(row => row.Seq)];
    }
}
