using FraudScoring.Core.Payments;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Spool;
using FraudScoring.TestKit.Services;
using FraudScoring.Tests.Server.Monitoring;
using FraudScoring.Tests.Server.Spool;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Server.Kafka;

/// <summary>What an outbox does with Kafka clients that fail, and with a disk that does, while it delivers.</summary>
public sealed class OutboxDeliveryTests
{
    private readonly RecordedLog<OutboxDeliveryTests> _log = new();
    private FakeBroker _broker = null!;
    private SpoolFolder _folder = null!;
    private long _pending, _lost;
    private bool _areErasuresKnown;

    private IEnumerable<int> Delivered => _broker.Acknowledged.Select(value => BitConverter.ToInt32(value));

    [SetUp]
    public void Create()
    {
        (_broker, _folder, _pending, _lost, _areErasuresKnown) = (new FakeBroker(), new SpoolFolder(), 0, 0, true);
        _log.Lines.Clear();
    }

    [TearDown]
    public void Delete() => _folder.Dispose();

    [Test]
    public async Task Stop_WithABacklogThatKafkaTakes_DeliversAllOfIt()
    {
        FillSpool(_folder.Folder, 5000);
        using (var outbox = Start(SpoolMode.OnOutage))
        {
            await outbox.StopAsync();
        }
        Assert.That(Delivered, Is.EqualTo(Enumerable.Range(1, 5000)));
        Assert.That((_pending, _lost), Is.EqualTo((0, 0)));
        using var file = _folder.Open();
        Assert.That(file.Count, Is.Zero);
    }

    [Test]
    public async Task Stop_WithABacklogAndKafkaAway_LeavesItInTheSpool()
    {
        FillSpool(_folder.Folder, 100);
        _broker.IsAway = true;
        using (var outbox = Start(SpoolMode.OnOutage))
        {
            Assert.That(outbox.TryAdd(101), Is.True);
            await outbox.StopAsync().WaitAsync(TimeSpan.FromMinutes(2));
        }
        Assert.That((_pending, _lost), Is.EqualTo((101, 0)));
        using var file = _folder.Open();
        Assert.That(file.Count, Is.EqualTo(101));
    }

    [Test]
    public async Task Send_ClientFailsAndNoNewOneCanBeCreated_RecordsGoToTheSpool_AndAreDeliveredLater()
    {
        using var outbox = Start(SpoolMode.OnOutage);
        Assert.That(outbox.TryAdd(1), Is.True);
        Assert.That(() => Volatile.Read(ref _pending), Is.Zero.After(10_000, 10));
        (_broker.IsBroken, _broker.RefusesClients) = (true, true);
        Assert.That(Enumerable.Range(2, 30).Select(outbox.TryAdd), Is.All.True);
        Assert.That(() => ServerMetrics.SpoolRecords.WithLabels("decisions").Value, Is.EqualTo(30).After(10_000, 10));
        // The first attempt comes after a pause.
        Assert.That(() => Events(431), Is.EqualTo(1).After(10_000, 10));

        (_broker.IsBroken, _broker.RefusesClients) = (false, false);
        Assert.That(() => Volatile.Read(ref _pending), Is.Zero.After(10_000, 10));
        await outbox.StopAsync();
        Assert.That(Delivered, Is.EqualTo(Enumerable.Range(1, 31)));
        Assert.That((_pending, _lost, Events(406)), Is.EqualTo((0, 0, 0)));
    }

    [Test]
    public async Task TryAdd_AlwaysAndTheDiskIsFull_ReachesKafkaWithoutTheDisk()
    {
        using var disk = MountDisk();
        using var outbox = Start(SpoolMode.Always, disk.Folder);
        disk.Fill();
        var accepted = 0;
        while (outbox.TryAdd(accepted + 1) && accepted < 100_000)
        {
            accepted++;
            await Task.Delay(accepted % 100 == 0 ? 1 : 0);
        }
        Assert.That(accepted, Is.LessThan(100_000), "the disk did not become full");
        Assert.That(() => Volatile.Read(ref _pending), Is.Zero.After(10_000, 10));
        await outbox.StopAsync();
        Assert.That(Delivered, Is.EqualTo(Enumerable.Range(1, accepted)));
        Assert.That(_lost, Is.EqualTo(1), "the one that was not accepted");
    }

    [Test]
    public async Task TryAdd_SpoolThatHasRoomButNotForTheBatchThatWaits_AcceptsNothing()
    {
        // Three quarters of the spool are used, and nothing leaves it. The large record does not fit, while small ones would.
        FillSpool(_folder.Folder, 1000);
        _areErasuresKnown = false;
        var large = new SpooledRecord("decisions", null, new byte[400 * 1024], []);
        using var outbox = Start(
            SpoolMode.OnOutage, create: number => new OutboxRecord(number == 0 ? large : Record(number)), maxSizeMiB: 1);
        Assert.That(outbox.TryAdd(0), Is.True);
        Assert.That(() => outbox.IsFull, Is.True.After(10_000, 10));
        // Longer than the spool waits until it tries the disk again.
        for (var turn = 0; turn < 300; turn++)
        {
            Assert.That(outbox.TryAdd(1), Is.False);
            await Task.Delay(10);
        }
    }

    [Test]
    public void IsFull_TheThreadHangs_IsTrueUntilItGoesOn()
    {
        var time = new FakeTimeProvider();
        using var isHanging = new ManualResetEventSlim();
        using var goesOn = new ManualResetEventSlim();
        using var outbox = Start(SpoolMode.Always, create: number =>
        {
            isHanging.Set();
            goesOn.Wait(TimeSpan.FromSeconds(30));
            return new OutboxRecord(Record(number));
        }, time: time);
        Assert.That(outbox.TryAdd(1), Is.True);
        Assert.That(isHanging.Wait(TimeSpan.FromSeconds(20)));
        Assert.That(outbox.TryAdd(2), Is.True);
        Assert.That(outbox.IsFull, Is.False);
        time.Advance(TimeSpan.FromSeconds(3));
        var isFull = outbox.IsFull;
        goesOn.Set();
        Assert.That(isFull, Is.True);
        Assert.That(() => outbox.IsFull, Is.False.After(10_000, 10));
    }

    [Test]
    public void IsFull_QueueFullWhileTheThreadHangs_IsTrue()
    {
        using var goesOn = new ManualResetEventSlim();
        using var outbox = Start(SpoolMode.Always, create: number =>
        {
            goesOn.Wait(TimeSpan.FromSeconds(30));
            return new OutboxRecord(Record(number));
        });
        while (outbox.TryAdd(1))
        {
            Assert.That(_pending, Is.LessThan(20_000));
        }
        var isFull = outbox.IsFull;
        goesOn.Set();
        Assert.That(isFull, Is.True);
        Assert.That(() => outbox.IsFull, Is.False.After(10_000, 10));
    }

    private static SmallDisk MountDisk()
    {
        var disk = SmallDisk.TryMount(1024 * 1024, out var reason);
        if (disk is null)
        {
            Assert.Ignore(reason);
        }
        return disk!;
    }

    private int Events(int id) => _log.Lines.ToArray().Count(line => line.Event.Id == id);

    private static SpooledRecord Record(int number) => new("decisions", null, [.. BitConverter.GetBytes(number), .. new byte[700]], []);

    /// <summary>Writes records as an outbox does that Kafka does not acknowledge.</summary>
    private static void FillSpool(string folder, int count)
    {
        Assert.That(SpoolFile.TryOpen(Path.Combine(folder, "decisions.db"), 64 * 1024 * 1024, out var file, out var reason),
            Is.EqualTo(SpoolOutcome.Done), reason);
        Assert.That(file!.Append([.. Enumerable.Range(1, count).Select(Record)]), Is.EqualTo(SpoolOutcome.Done));
        file.Dispose();
    }

    private Outbox<int> Start(
        SpoolMode mode, string? folder = null, Func<int, OutboxRecord>? create = null, TimeProvider? time = null,
        int maxSizeMiB = 64)
    {
        var spool = new SpoolOptions
        {
            Folder = folder ?? _folder.Folder, Mode = mode, OutageAfterMs = 50, MaxSizeMiB = maxSizeMiB,
            WhenFull = SpoolFullAction.Refuse,
        };
        var settings = new OutboxSettings("decisions", 10_000, 10_000, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10), spool);
        var reports = new OutboxReports(
            _ => { }, (count, _) => Interlocked.Add(ref _lost, count), change => Interlocked.Add(ref _pending, change));
        var outbox = new Outbox<int>(
            settings, create ?? (number => new OutboxRecord(Record(number))), new ErasedRecords(() => _areErasuresKnown, _ => false),
            reports, time ?? TimeProvider.System, _log);
        var faults = new Faults();
        outbox.Open(faults);
        Assert.That(faults, Is.Empty);
        outbox.Start(_broker.Create);
        return outbox;
    }
}
