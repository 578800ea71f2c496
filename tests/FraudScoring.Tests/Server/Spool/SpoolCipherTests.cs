using System.Security.Cryptography;
using System.Text;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Spool;
using FraudScoring.Tests.Server.Monitoring;

namespace FraudScoring.Tests.Server.Spool;

/// <summary>A spool with a key shows nothing of its records to those who do not have it.</summary>
public sealed class SpoolCipherTests
{
    private const string Token = "a-token-that-must-not-be-readable";

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(SpoolCipher.KeyLength);
    private readonly RecordedLog<SpoolCipherTests> _log = new();
    private SpoolFolder _folder = null!;

    [SetUp]
    public void Create() => _folder = new SpoolFolder();

    [TearDown]
    public void Delete() => _folder.Dispose();

    [Test]
    public void Seal_AnyRecord_IsOpenedToTheSame_AndOnlyWithTheKey()
    {
        using var cipher = new SpoolCipher(_key);
        using var other = new SpoolCipher(RandomNumberGenerator.GetBytes(SpoolCipher.KeyLength));
        foreach (var record in new[]
        {
            SpoolFolder.Record(7), new SpooledRecord("t", null, null, []), new SpooledRecord("t", [], [], []),
            new SpooledRecord("t", [1], null, SpooledHeaders.Write(("none", null))),
        })
        {
            var sealedRecord = cipher.Seal(record);
            Assert.That(cipher.TryOpen(sealedRecord, out var opened));
            Assert.That(SpoolFolder.Text(opened!.Value), Is.EqualTo(SpoolFolder.Text(record)));
            Assert.That(SpoolCipher.KeyIdOf(sealedRecord), Is.EqualTo(cipher.KeyId));
            Assert.That(SpoolCipher.KeyIdOf(record), Is.Null);
            Assert.That(other.TryOpen(sealedRecord, out _), Is.False);
            Assert.That(cipher.TryOpen(sealedRecord with { Topic = "another" }, out _), Is.False);
            for (var i = 0; i < sealedRecord.Value!.Length; i += 5)
            {
                sealedRecord.Value[i] ^= 1;
                Assert.That(cipher.TryOpen(sealedRecord, out _), Is.False, $"byte {i}");
                sealedRecord.Value[i] ^= 1;
            }
            Assert.That(cipher.TryOpen(sealedRecord with { Value = sealedRecord.Value[..20] }, out _), Is.False);
        }
    }

    [Test]
    public void Queue_WithKey_HidesRecords_AndDeliversThemAndThoseFromBefore()
    {
        using (var plain = Open(""))
        {
            Assert.That(plain!.TryAppend([Secret(1)], out _));
        }
        using (var queue = Open(KeyFile(_key)))
        {
            Assert.That(queue!.TryAppend([Secret(2), Secret(3)], out _));
            Assert.That(ReadAll(queue), Is.EqualTo(new[] { Secret(1), Secret(2), Secret(3) }.Select(SpoolFolder.Text)));
        }
        var bytes = Encoding.Latin1.GetString(File.ReadAllBytes(_folder.File));
        Assert.That(bytes.Split(Token), Has.Length.EqualTo(2), "only the record from before the key");
        using var again = Open(KeyFile(_key));
        Assert.That(ReadAll(again!), Has.Count.EqualTo(3));
    }

    [Test]
    public void Queue_WithoutItsKeyOrWithAnother_IsAFaultThatNamesBoth()
    {
        using (var queue = Open(KeyFile(_key)))
        {
            Assert.That(queue!.TryAppend([Secret(1)], out _));
        }
        using var cipher = new SpoolCipher(_key);
        foreach (var file in new[] { "", KeyFile(RandomNumberGenerator.GetBytes(SpoolCipher.KeyLength)) })
        {
            Assert.That(FaultsOf(file), Does.StartWith($"Spool:KeyFile: does not open the records in {_folder.File}")
                .And.Contain($"sealed with key {cipher.KeyId}"));
        }
    }

    [Test]
    public void Queue_ACorruptFile_KeepsTheSealedRecords_AndSealsThoseInMemory()
    {
        const int count = 60, damagedRow = 30;
        var file = KeyFile(_key);
        using (var queue = Open(file))
        {
            Assert.That(queue!.TryAppend([.. Enumerable.Range(1, count).Select(Secret)], out _));
        }
        using (var open = _folder.Open())
        {
            open.Checkpoint();
        }
        var bytes = File.ReadAllBytes(_folder.File);
        // All copies of one row's content, because pages also have remains of rows that have moved.
        using (var open = _folder.Open())
        {
            var rows = new List<SpoolRow>();
            open.Read(damagedRow - 1, 1, rows);
            for (var at = 0; bytes.AsSpan(at).IndexOf(rows[0].Record.Value) is >= 0 and var next; at += next + 1)
            {
                bytes[at + next] ^= 1;
            }
        }
        File.WriteAllBytes(_folder.File, bytes);

        using var damaged = Open(file);
        damaged!.Held = () => [new SpoolRow(damagedRow, Secret(damagedRow))];
        Assert.That(ReadAll(damaged), Is.EqualTo(Enumerable.Range(1, count).Select(number => SpoolFolder.Text(Secret(number)))));
        Assert.That(Directory.GetFiles(_folder.Folder, "*.corrupt-*"), Is.Not.Empty);
        foreach (var path in Directory.GetFiles(_folder.Folder))
        {
            Assert.That(Encoding.Latin1.GetString(File.ReadAllBytes(path)), Does.Not.Contain(Token), path);
        }
    }

    [TestCase("c2hvcnQ=")]
    [TestCase("not base64")]
    [TestCase("")]
    public void Read_AFileThatIsNoKey_IsAFaultWithTheRemedy(string text)
    {
        var path = Path.Combine(_folder.Folder, "key");
        File.WriteAllText(path, text);
        Assert.That(FaultsOf(path), Is.EqualTo($"Spool:KeyFile: {path} is not a key: it must hold 32 bytes in base64, as "
            + "openssl rand -base64 32 prints them"));
        File.WriteAllText(path, new string('A', 100_000));
        Assert.That(FaultsOf(path), Does.Contain("is not a key"));
        File.Delete(path);
        Assert.That(FaultsOf(path), Does.StartWith("Spool:KeyFile: cannot be read: Could not find file"));
    }

    private static SpooledRecord Secret(int number) => new(
        "decisions", Encoding.UTF8.GetBytes(Token), [(byte)number], SpooledHeaders.Write(("decision-id", [(byte)number])));

    private string KeyFile(byte[] key)
    {
        var path = Path.Combine(_folder.Folder, $"{Guid.NewGuid():N}.key");
        File.WriteAllText(path, Convert.ToBase64String(key) + "\n");
        return path;
    }

    private SpoolQueue? Open(string keyFile)
    {
        var faults = new Faults();
        var queue = SpoolQueue.Open("decisions", _folder.File, new SpoolOptions { KeyFile = keyFile }, TimeProvider.System, _log, faults);
        Assert.That(faults, Is.Empty);
        return queue;
    }

    private string FaultsOf(string keyFile)
    {
        var faults = new Faults();
        Assert.That(
            SpoolQueue.Open("decisions", _folder.File, new SpoolOptions { KeyFile = keyFile }, TimeProvider.System, _log, faults), Is.Null);
        return faults.ToString();
    }

    private static List<string> ReadAll(SpoolQueue queue)
    {
        var rows = new List<SpoolRow>();
        while (!queue.Read(rows.Count > 0 ? rows[^1].Seq : queue.First - 1, 100, rows))
        {
        }
        return rows.ConvertAll(row => SpoolFolder.Text(row.Record));
    }
}
