using FraudScoring.Core.Payments;
using FraudScoring.Server.Spool;

namespace FraudScoring.Tests.Server.Spool;

public sealed class SpoolCountsTests
{
    [Test]
    public void Open_AfterAKill_KnowsWhatWasNeitherStoredNorSettled()
    {
        using var folder = new SpoolFolder();
        var path = Path.Combine(folder.Folder, "decisions.counts");
        using (var counts = Open(path, stored: 1000, SpoolMode.Acknowledge, out var last))
        {
            Assert.That(last.Unstored, Is.Zero);
            counts.Accept(10);
            counts.Accept(-1);
            counts.Settle(3);
        }
        using (Open(path, stored: 1004, SpoolMode.Always, out var last))
        {
            Assert.That(last.Unstored, Is.EqualTo(2), "nine accepted, three settled, four stored");
            Assert.That(last.Mode, Is.EqualTo(SpoolMode.Acknowledge), "of the process that was killed");
        }
        using (Open(path, stored: 1004, SpoolMode.Always, out var last))
        {
            Assert.That(last.Unstored, Is.Zero, "a loss is counted once");
            Assert.That(last.Mode, Is.EqualTo(SpoolMode.Always));
        }
    }

    [TestCase(1000, 0, 0, "all ten were stored in a file that is not there any more")]
    [TestCase(0, 0, 0, "so in a file that was new")]
    [TestCase(1000, 1007, 3, "three of the commits did not survive")]
    public void Open_AfterAKill_TakesNumbersThatBeginAgainForNoLoss(long before, long after, long lost, string why)
    {
        using var folder = new SpoolFolder();
        var path = Path.Combine(folder.Folder, "decisions.counts");
        using (var counts = Open(path, stored: before, SpoolMode.Always, out _))
        {
            counts.Accept(10);
            counts.Store(10);
        }
        using (Open(path, stored: after, SpoolMode.Always, out var last))
        {
            Assert.That(last.Unstored, Is.EqualTo(lost), why);
        }
    }

    [Test]
    public void Open_AfterAKill_KnowsWhatTheSpoolHadDroppedAndWasNotDelivered()
    {
        using var folder = new SpoolFolder();
        var path = Path.Combine(folder.Folder, "decisions.counts");
        using (var counts = Open(path, stored: 0, SpoolMode.Acknowledge, out _))
        {
            counts.Accept(10);
            counts.Drop(4);
            counts.Drop(-1);
        }
        using (var counts = Open(path, stored: 10, SpoolMode.Acknowledge, out var last))
        {
            Assert.That(last, Is.EqualTo(new SpoolCounts.Leftover(0, 3, SpoolMode.Acknowledge)));
            counts.Accept(2);
            counts.Drop(2);
            counts.Clear(10);
        }
        using (Open(path, stored: 10, SpoolMode.Acknowledge, out var last))
        {
            Assert.That((last.Unstored, last.Dropped), Is.EqualTo((0, 0)), "a stop counts what it loses itself");
        }
    }

    [Test]
    public void Open_AFolder_IsAFaultThatNamesTheOptionAndTheRemedy()
    {
        using var folder = new SpoolFolder();
        var faults = new Faults();
        Assert.That(SpoolCounts.Open(folder.Folder, 0, SpoolMode.Always, out _, faults), Is.Null);
        Assert.That(faults.ToString(),
            Does.StartWith("Spool:Folder: cannot be used: ").And.Contain(folder.Folder).And.Contain("must be able to write"));
    }

    [Test]
    public void Read_WrittenHeaders_AreTheSame()
    {
        var bytes = SpooledHeaders.Write(("decision-id", "0197"u8.ToArray()), ("leer", []), ("null", null), ("ä", [0, 255]));
        Assert.That(SpooledHeaders.Read(bytes), Is.EqualTo(new (string, byte[]?)[]
        {
            ("decision-id", "0197"u8.ToArray()), ("leer", []), ("null", null), ("ä", [0, 255]),
        }));
        Assert.That(SpooledHeaders.Read([]), Is.Empty);
    }

    private static SpoolCounts Open(string path, long stored, SpoolMode mode, out SpoolCounts.Leftover last)
    {
        var faults = new Faults();
        var counts = SpoolCounts.Open(path, stored, mode, out last, faults);
        Assert.That(faults, Is.Empty);
        return counts!;
    }
}
