using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FraudScoring.Server.Commands;
using FraudScoring.Server.Spool;
using FraudScoring.Tests.Server.Spool;
using FraudScoring.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.Tests.Server.Commands;

/// <summary>The command "spool salvage".</summary>
public sealed class SpoolCommandTests
{
    private const int Count = 40;

    private SpoolFolder _folder = null!;

    [SetUp]
    public void Create()
    {
        _folder = new SpoolFolder();
        using var file = _folder.Open();
        file.Append([.. Enumerable.Range(1, Count).Select(Decision), new SpooledRecord("fraud.labels", [1], [2, 3], [])]);
    }

    [TearDown]
    public void Delete() => _folder.Dispose();

    [Test]
    public async Task Salvage_HealthyFile_PrintsEveryRecordInOrder_AndChangesNothing()
    {
        var before = File.ReadAllBytes(_folder.File);
        var (exitCode, lines, error) = await SalvageAsync(_folder.File);
        Assert.That((exitCode, error), Is.EqualTo((0, "Read 41 intact records; 0 between them are damaged.")));
        var records = lines.ConvertAll(line => JsonNode.Parse(line)!);
        Assert.That(records.Select(record => record["seq"]!.GetValue<int>()), Is.EqualTo(Enumerable.Range(1, Count + 1)));
        Assert.That(lines[6], Does.StartWith("""{"seq":7,"topic":"fraud.decisions","headers":{"decision-id":"decision-7"},"decision":{"""));
        Assert.That(records[6]["decision"]!["assessment"]!["decisionId"]!.GetValue<string>(), Is.EqualTo("decision-7"));
        Assert.That(lines[Count], Is.EqualTo("""{"seq":41,"topic":"fraud.labels","headers":{},"key":"AQ==","value":"AgM="}"""));
        Assert.That(File.ReadAllBytes(_folder.File), Is.EqualTo(before));
        Assert.That(Directory.GetFiles(_folder.Folder), Is.EqualTo(new[] { _folder.File }));
    }

    [Test]
    public async Task Salvage_DamagedFile_PrintsTheIntactRecords_AndSaysHowManyAreMissing()
    {
        var bytes = File.ReadAllBytes(_folder.File);
        var at = bytes.AsSpan().IndexOf("note 20 "u8);
        bytes[at] ^= 0xff;
        File.WriteAllBytes(_folder.File, bytes);
        var (exitCode, lines, error) = await SalvageAsync(_folder.File);
        Assert.That((exitCode, error), Is.EqualTo((0, "Read 40 intact records; 1 between them are damaged.")));
        Assert.That(lines.Select(line => JsonNode.Parse(line)!["seq"]!.GetValue<int>()),
            Is.EqualTo(Enumerable.Range(1, Count + 1).Where(seq => seq != 20)));
    }

    [Test]
    public async Task Salvage_FileThatIsNoSpool_FindsNothing()
    {
        File.WriteAllText(_folder.File, "not a database");
        Assert.That(await SalvageAsync(_folder.File),
            Is.EqualTo((0, new List<string>(), "Read 0 intact records; 0 between them are damaged.")));
    }

    [Test]
    public async Task Salvage_SealedRecords_PrintsThemWithTheKey_AndTheKeysIdWithoutIt()
    {
        var (key, keyFile) = (new byte[SpoolCipher.KeyLength], Path.Combine(_folder.Folder, "key"));
        File.WriteAllText(keyFile, Convert.ToBase64String(key));
        using var cipher = new SpoolCipher(key);
        using (var file = _folder.Open())
        {
            file.Append([cipher.Seal(Decision(42))]);
        }
        var (_, hidden, _) = await SalvageAsync(_folder.File);
        Assert.That(hidden[^1], Is.EqualTo($$"""{"seq":42,"topic":"fraud.decisions","sealed_with_key":"{{cipher.KeyId}}"}"""));
        var (_, shown, _) = await SalvageAsync(_folder.File, "--key-file", keyFile);
        Assert.That(JsonNode.Parse(shown[^1])!["decision"]!["assessment"]!["decisionId"]!.GetValue<string>(), Is.EqualTo("decision-42"));
        Assert.That(await SalvageAsync(_folder.File, "--key-file", _folder.File),
            Is.EqualTo((1, new List<string>(), $"Failed: --key-file: {_folder.File} is not a key: it must hold 32 bytes in base64, as "
                + "openssl rand -base64 32 prints them")));
    }

    [Test]
    public async Task Salvage_MissingFile_SaysSo()
    {
        var path = Path.Combine(_folder.Folder, "nothing.db");
        Assert.That(await SalvageAsync(path), Is.EqualTo((1, new List<string>(), $"Failed: {path} does not exist.")));
    }

    private static SpooledRecord Decision(int number)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"decision-{number}");
        var decision = new DecisionEvent
        {
            // Long, so that the file has several pages.
            Payment = new Payment { TransactionId = string.Create(CultureInfo.InvariantCulture, $"note {number} {new string('x', 700)}") },
            Assessment = new Assessment { DecisionId = id },
            DecisionTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
        };
        return new SpooledRecord(
            "fraud.decisions", null, decision.ToByteArray(), SpooledHeaders.Write(("decision-id", Encoding.UTF8.GetBytes(id))));
    }

    private static async Task<(int ExitCode, List<string> Lines, string Error)> SalvageAsync(string path, params string[] options)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exitCode = await ServerCommand.Create().Parse(["spool", "salvage", path, .. options])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (exitCode, [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)], error.ToString().TrimEnd());
    }
}
