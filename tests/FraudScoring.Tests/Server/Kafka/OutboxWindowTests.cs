using FraudScoring.Server.Kafka;
using FraudScoring.Server.Spool;

namespace FraudScoring.Tests.Server.Kafka;

public sealed class OutboxWindowTests
{
    private OutboxWindow _window = null!;

    [SetUp]
    public void Create() => _window = new OutboxWindow();

    [Test]
    public void TakeSettled_ALaterRecordIsDeliveredFirst_WaitsForTheOlderOne()
    {
        var records = Add(3);
        records[1].State = OutboxState.Delivered;
        Assert.That(_window.TakeSettled(), Is.Null);
        Assert.That(_window.DeliveredAhead, Is.EqualTo(1));
        records[0].State = OutboxState.Dropped;
        Assert.That(new[] { _window.TakeSettled(), _window.TakeSettled(), _window.TakeSettled() },
            Is.EqualTo(new[] { records[0], records[1], null }));
        Assert.That(_window.Oldest, Is.SameAs(records[2]));
    }

    [Test]
    public void SendAgain_AfterAClientHasFailed_LetsWhatIsNotSettledWaitInOrder()
    {
        var records = Add(4);
        for (var sent = 0; sent < 3; sent++)
        {
            _window.RemoveWaiting();
            records[sent].State = OutboxState.InClient;
        }
        records[1].State = OutboxState.Delivered;
        _window.SendAgain();
        foreach (var expected in new[] { records[0], records[2], records[3] })
        {
            Assert.That(_window.NextWaiting, Is.SameAs(expected));
            Assert.That(expected.State, Is.EqualTo(OutboxState.Waiting));
            _window.RemoveWaiting();
        }
        Assert.That(_window.HasWaiting, Is.False);
        Assert.That(_window.Count, Is.EqualTo(4));
    }

    [Test]
    public void Stored_AndUnstored_LeaveOutWhatIsSettled()
    {
        var records = Add(4);
        (records[0].Seq, records[1].Seq) = (7, 8);
        (records[0].State, records[2].State) = (OutboxState.Delivered, OutboxState.Delivered);
        Assert.That(_window.Stored.Select(row => row.Seq), Is.EqualTo(new[] { 8L }));
        Assert.That(_window.Unstored, Is.EqualTo(new[] { records[3] }));
    }

    private List<OutboxRecord> Add(int count)
    {
        var records = Enumerable.Range(0, count)
            .Select(i => new OutboxRecord(new SpooledRecord("decisions", null, [(byte)i], []))).ToList();
        _window.Add(records);
        return records;
    }
}
