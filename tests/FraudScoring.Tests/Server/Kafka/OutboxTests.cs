using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Spool;
using FraudScoring.TestKit.Services;
using FraudScoring.Tests.Server.Monitoring;
using FraudScoring.Tests.Server.Spool;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.Tests.Server.Kafka;

/// <summary>What an outbox does with records that no broker takes. The broker of these tests does not exist.</summary>
public sealed class OutboxTests
{
    private readonly RecordedLog<OutboxTests> _log = new();
    private readonly ManualResetEventSlim _gate = new(true);
    private SpoolFolder _folder = null!;
    private long _pending, _lost;
    private int _size;
    private string _reasons = "", _topic = "";
    private volatile bool _isBroken;

    [SetUp]
    public void Create()
    {
        (_folder, _pending, _lost, _reasons, _size, _isBroken, _topic) = (new SpoolFolder(), 0, 0, "", 0, false, "decisions");
        _log.Lines.Clear();
    }

    [TearDown]
    public void Delete() => _folder.Dispose();

    [OneTimeTearDown]
    public void Close() => _gate.Dispose();

    [TestCase("Always")]
    [TestCase("OnOutage")]
    public async Task Stop_NoBroker_StoresEveryEntryInOrder(string mode)
    {
        using (var outbox = Start(Enum.Parse<SpoolMode>(mode)))
        {
            Assert.That(Enumerable.Range(1, 300).Select(outbox.TryAdd), Is.All.True);
            await outbox.StopAsync();
            Assert.That(outbox.TryAdd(301), Is.False);
        }
        using var file = _folder.Open();
        Assert.That(SpoolFolder.ReadAll(file),
            Is.EqualTo(Enumerable.Range(1, 300).Select(i => SpoolFolder.Text(new SpoolRow(i, Record(i))))));
        Assert.That((_pending, _lost, _reasons), Is.EqualTo((300, 1, " stopping")));
    }

    [Test]
    public async Task Stop_NoBrokerAndNoSpool_CountsEveryEntryAsLost()
    {
        using var outbox = Start(SpoolMode.Off);
        Assert.That(Enumerable.Range(1, 10).Select(outbox.TryAdd), Is.All.True);
        await outbox.StopAsync();
        Assert.That((_pending, _lost, _reasons), Is.EqualTo((0, 10, " stopping")));
    }

    [Test]
    public async Task Stop_ThatFails_IsLogged_AndCountsWhatIsLost()
    {
        using (var outbox = Start(SpoolMode.OnOutage))
        {
            _gate.Reset();
            Assert.That(Enumerable.Range(1, 50).Select(outbox.TryAdd), Is.All.True);
            var stop = outbox.StopAsync();
            _isBroken = true;
            _gate.Set();
            await stop.WaitAsync(TimeSpan.FromSeconds(20));
        }
        Assert.That(_log.Lines.Select(line => line.Line),
            Has.Some.StartsWith("Storing the last records for topic decisions failed unexpectedly"));
        Assert.That((_pending, _lost), Is.EqualTo((0, 50)));
        Assert.That(_reasons, Is.EqualTo(" unwritable stopping"));
        // Nothing is left for the next start to count as lost in a crash.
        using var next = Start(SpoolMode.OnOutage);
        Assert.That(_lost, Is.EqualTo(50));
    }

    [Test]
    public async Task Stop_NoBrokerAndASpoolThatDroppedItsOldest_CountsWhatWasOnlyInMemoryAsLost()
    {
        _size = 1000;
        using (var outbox = Start(SpoolMode.Always))
        {
            // All are in memory as well, and would be sent if there was a broker; the spool has room for a third.
            Assert.That(Enumerable.Range(1, 3000).Select(outbox.TryAdd), Is.All.True);
            await outbox.StopAsync();
        }
        using (var file = _folder.Open())
        {
            Assert.That(file.Count, Is.InRange(500, 1000));
            Assert.That((file.Last, _pending, _lost), Is.EqualTo((3000, file.Count, 3000 - file.Count)));
        }
        var lost = _lost;
        using var next = Start(SpoolMode.Always);
        Assert.That(_lost, Is.EqualTo(lost), "what was dropped is not counted again");
    }

    [TestCase("Always")]
    [TestCase("OnOutage")]
    public async Task Send_RecordThatTheClientRefuses_StaysInTheSpool(string mode)
    {
        // The client refuses it itself, as it does while a topic does not exist.
        _topic = "not a topic, because a name has no spaces and at most 249 characters" + new string('x', 600);
        using (var outbox = Start(Enum.Parse<SpoolMode>(mode)))
        {
            Assert.That(Enumerable.Range(1, 20).Select(outbox.TryAdd), Is.All.True);
            Assert.That(() => _log.Lines.Any(line => line.Line.Contains("does not deliver", StringComparison.Ordinal)),
                Is.True.After(10_000, 20));
            await outbox.StopAsync();
        }
        using var file = _folder.Open();
        Assert.That((file.Count, _pending, _lost), Is.EqualTo((20, 20, 0)));
    }

    [Test]
    public async Task TryAdd_DiskFullOfOtherFilesWhileKafkaIsNotAway_IsAccepted()
    {
        using var disk = SmallDisk.TryMount(1024 * 1024, out var reason);
        if (disk is null)
        {
            Assert.Ignore(reason);
        }
        using var outbox = Start(SpoolMode.OnOutage, disk!.Folder);
        disk.Fill();
        Assert.That(() => _log.Lines.Any(line => line.Line.Contains("takes no records", StringComparison.Ordinal)), Is.True.After(10_000, 20));
        Assert.That(Enumerable.Range(1, 20).Select(outbox.TryAdd), Is.All.True);
        Assert.That(outbox.IsFull, Is.False);
        await outbox.StopAsync();
        Assert.That((_pending, _lost, _reasons), Is.EqualTo((0, 20, " stopping")), "no broker had them, and the disk has no room");
    }

    private SpooledRecord Record(int number) =>
        new(_topic, null, [(byte)number, .. new byte[_size]], SpooledHeaders.Write(("number", BitConverter.GetBytes(number))));

    private Outbox<int> Start(SpoolMode mode, string? folder = null)
    {
        var spool = new SpoolOptions
        {
            Folder = folder ?? _folder.Folder, Mode = mode, OutageAfterMs = 60_000, MaxSizeMiB = 1,
            WhenFull = folder is null ? SpoolFullAction.DropOldest : SpoolFullAction.Refuse,
        };
        var settings = new OutboxSettings("decisions", 10_000, 10_000, TimeSpan.FromSeconds(60), TimeSpan.Zero, spool);
        var reports = new OutboxReports(_ => { }, Lose, change => Interlocked.Add(ref _pending, change));
        var outbox = new Outbox<int>(settings, Create, new ErasedRecords(() => true, _ => false), reports, TimeProvider.System, _log);
        var faults = new Faults();
        outbox.Open(faults);
        Assert.That(faults, Is.Empty);
        var clients = new KafkaClients(new KafkaOptions { BootstrapServers = "127.0.0.1:1" }, NullLoggerFactory.Instance);
        clients.Open();
        outbox.Start(clients.Producer);
        return outbox;
    }

    private OutboxRecord Create(int number)
    {
        _gate.Wait();
        return _isBroken
            ? throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"no record of {number}"))
            : new OutboxRecord(Record(number));
    }

    private void Lose(long count, string reason)
    {
        Interlocked.Add(ref _lost, count);
        _reasons = _reasons.EndsWith(reason, StringComparison.Ordinal) ? _reasons : $"{_reasons} {reason}";
    }
}
