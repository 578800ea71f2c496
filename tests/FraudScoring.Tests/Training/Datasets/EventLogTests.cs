using System.Security.Cryptography;
using FraudScoring.Inference.Contracts;
using FraudScoring.Simulation;
using FraudScoring.Training.Datasets;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Tests.Training.Datasets;

public sealed class EventLogTests
{
    private static readonly SimulationOptions Small = new() { Customers = 100, Terminals = 200, Days = 10, Radius = 20, Seed = 5 };
    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("event-log-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Read_WhatWasWritten_GivesItBack()
    {
        string path = Write(Small, out _);
        EventLogRecord[] expected = [.. PaymentSimulator.Run(Small).Select(e => e.Payment is { } payment
            ? new EventLogRecord { Transaction = new TransactionEvent { Payment = EventWriter.ToProto(payment) } }
            : new EventLogRecord { Label = EventWriter.ToProto(e.Label!) })];
        Assert.That(EventLogReader.Read(path), Is.EqualTo(expected));
    }

    [Test]
    public void Complete_Always_GivesTheHashOfTheFile()
    {
        string path = Write(Small, out string hash);
        Assert.That(hash, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))));
        Assert.That(EventLogReader.Hash(path), Is.EqualTo(hash));
        Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { path }));
    }

    /// <summary>The hash changes if the simulator or the contract does. Models must then be trained again.</summary>
    [Test]
    public void Complete_TinySimulation_HasTheFrozenHash()
    {
        Write(Small, out string hash);
        Assert.That(hash, Is.EqualTo("44ccb2df8ed06c938411a4c942667fcb14e37b5db7737b2c08943390eff5afe2"));
    }

    [Test]
    public void Read_ManyBuffers_CrossesTheirEdges()
    {
        SimulationOptions larger = Small with { Customers = 600, Days = 40 };
        string path = Write(larger, out _);
        Assert.That(new FileInfo(path).Length, Is.GreaterThan(3 * EventLogReader.LongestRecord));
        Assert.That(EventLogReader.Read(path).Count(), Is.EqualTo(PaymentSimulator.Run(larger).Count()));
    }

    [Test]
    public void Read_AStreamThatTrickles_IsTheSame()
    {
        byte[] bytes = Some(records: 20, out EventLogRecord[] records, out _);
        Assert.That(EventLogReader.Read(new TricklingStream(bytes), "trickle"), Is.EqualTo(records));
    }

    [Test]
    public void Read_CutAnywhere_SaysAtWhichByteOrEndsBetweenRecords()
    {
        byte[] bytes = Some(records: 4, out EventLogRecord[] records, out long[] offsets);
        for (int length = 0; length < bytes.Length; length++)
        {
            using var stream = new MemoryStream(bytes, 0, length);
            int whole = offsets.Count(o => o <= length) - 1;
            if (offsets.Contains(length))
            {
                Assert.That(EventLogReader.Read(stream, "cut.log"), Is.EqualTo(records.Take(whole)));
                continue;
            }
            InvalidDataException error = Assert.Throws<InvalidDataException>(() => EventLogReader.Read(stream, "cut.log").Count())!;
            Assert.That(error.Message, Does.StartWith($"cut.log: record {whole} at byte {offsets[whole]} is damaged"));
        }
    }

    [TestCase(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, "not a varint")]
    [TestCase(new byte[] { 0xFF, 0xFF, 0xFF, 0x7F, 1 }, "more than")]
    [TestCase(new byte[] { 3, 0x0A, 0x7F, 1 }, "damaged")]
    [TestCase(new byte[] { 0 }, "neither a transaction nor a label")]
    public void Read_Garbage_SaysWhatIsWrong(byte[] garbage, string expected)
    {
        byte[] bytes = [.. Some(records: 2, out _, out long[] offsets), .. garbage];
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => EventLogReader.Read(new MemoryStream(bytes), "x").Count())!;
        Assert.That(error.Message, Does.Contain(expected).And.Contain($"byte {offsets[^1]}"));
    }

    [Test]
    public void Dispose_BeforeComplete_LeavesAnEarlierFileAsItWas()
    {
        string path = Path.Combine(_folder, "events.log");
        File.WriteAllText(path, "earlier");
        using (var log = new EventLogWriter(path))
        {
            log.Write(PaymentSimulator.Run(Small).First().Payment!);
        }
        Assert.That(File.ReadAllText(path), Is.EqualTo("earlier"));
        Assert.That(Directory.GetFiles(_folder), Has.Length.EqualTo(1));
    }

    [Test]
    public void Constructor_NoFolder_SaysSo() => Assert.That(() => new EventLogWriter(Path.Combine(_folder, "no", "events.log")),
        Throws.InstanceOf<IOException>().With.Message.Contains("does not exist"));

    [Test]
    public void Write_Cancelled_LeavesNothing()
    {
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() =>
            SimulatedLog.Write(Small, Path.Combine(_folder, "a.log"), Path.Combine(_folder, "a.csv"), CancelAtHalf, cancellation.Token));
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.Empty);

        void CancelAtHalf(int day, long payments)
        {
            if (day == 5)
            {
                cancellation.Cancel();
            }
        }
    }

    [Test]
    public void Write_Scenarios_NamesEveryFraudNextToTheLogAndNotInIt()
    {
        string path = Path.Combine(_folder, "a.log");
        string scenarios = Path.Combine(_folder, "a.csv");
        int lastDay = 0;
        SimulationSummary summary = SimulatedLog.Write(Small, path, scenarios, (day, _) => lastDay = day, CancellationToken.None);
        string[] lines = File.ReadAllLines(scenarios);
        Assert.Multiple(() =>
        {
            Assert.That(lastDay, Is.EqualTo(Small.Days));
            Assert.That(lines[0], Is.EqualTo("transaction_id,scenario"));
            Assert.That(lines, Has.Length.EqualTo(summary.Frauds + 1));
            Assert.That(summary.Bytes, Is.EqualTo(new FileInfo(path).Length));
            Assert.That(summary.Hash, Is.EqualTo(EventLogReader.Hash(path)));
            Assert.That(EventLogReader.Read(path).Count(r => r.Label is { Fraud: true }), Is.EqualTo(summary.Frauds));
            Assert.That(EventLogReader.Read(path).Count(r => r.Label is not null), Is.EqualTo(summary.Labels));
            Assert.That(EventLogReader.Read(path).Count(r => r.Transaction is not null), Is.EqualTo(summary.Payments));
        });
    }

    private string Write(SimulationOptions options, out string hash)
    {
        string path = Path.Combine(_folder, "events.log");
        hash = SimulatedLog.Write(options, path, null, (_, _) => { }, CancellationToken.None).Hash;
        return path;
    }

    private static byte[] Some(int records, out EventLogRecord[] written, out long[] offsets)
    {
        written = [.. PaymentSimulator.Run(Small).Where(e => e.Payment is not null).Take(records)
            .Select(e => new EventLogRecord { Transaction = new TransactionEvent { Payment = EventWriter.ToProto(e.Payment!) } })];
        using var stream = new MemoryStream();
        var ends = new List<long> { 0 };
        foreach (EventLogRecord record in written)
        {
            record.WriteDelimitedTo(stream);
            ends.Add(stream.Length);
        }
        offsets = [.. ends];
        return stream.ToArray();
    }

    private sealed class TricklingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(7, buffer.Length)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(7, count));
    }
}
