using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Spool;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Server.Commands;

/// <summary>The command "spool": work on spool files without the service.</summary>
internal static class SpoolCommand
{
    public static Command Create() => new("spool", "Reads spool files.") { Salvage() };

    private static Command Salvage()
    {
        var file = new Argument<FileInfo>("file")
        {
            Description = "A spool file, such as fraud.decisions.db or one that was set aside as corrupt.",
        };
        var keyFile = new Option<FileInfo?>("--key-file")
        {
            Description = "The key of Spool:KeyFile. Without it, sealed records are printed with the id of their key alone.",
        };
        var command = new Command(
            "salvage",
            "Prints every intact record of a spool file as JSON, one per line. Damaged records are skipped. Never changes the file; "
            + "its folder must have room for a copy, which is deleted at the end.")
        {
            file, keyFile,
        };
        command.SetAction((parsed, _) => ServerCommand.ReportAsync(parsed, () => SalvageAsync(
            parsed.GetRequiredValue(file), parsed.GetValue(keyFile), parsed.InvocationConfiguration)));
        return command;
    }

    private static async Task<int> SalvageAsync(FileInfo file, FileInfo? keyFile, InvocationConfiguration console)
    {
        var faults = new Faults();
        using var cipher = keyFile is null ? null : SpoolCipher.Read(keyFile.FullName, faults);
        if (faults.Count > 0)
        {
            throw new IOException($"--key-file: {faults[0].Message}");
        }
        if (!file.Exists)
        {
            throw new FileNotFoundException($"{file.FullName} does not exist.");
        }
        if (SpoolSalvage.IsInUse(file.FullName))
        {
            await console.Error.WriteLineAsync($"A process uses {file.FullName}: records that it writes meanwhile may be missing.");
        }
        var found = new SortedDictionary<long, SpoolRow>();
        SpoolSalvage.Read(file.FullName, some => some.ToList().ForEach(row => found[row.Seq] = row));
        var rows = found.Values.ToList();
        foreach (var row in rows)
        {
            await console.Output.WriteLineAsync(ToJson(row, cipher).ToJsonString());
        }
        var missing = rows.Count == 0 ? 0 : rows[^1].Seq - rows[0].Seq + 1 - rows.Count;
        await console.Error.WriteLineAsync($"Read {rows.Count} intact records; {missing} between them are damaged.");
        return ServerCommand.Success;
    }

    private static JsonObject ToJson(SpoolRow row, SpoolCipher? cipher)
    {
        var record = row.Record;
        if (SpoolCipher.KeyIdOf(record) is { } keyId)
        {
            if (cipher is null || !cipher.TryOpen(record, out var opened))
            {
                return new JsonObject { ["seq"] = row.Seq, ["topic"] = record.Topic, ["sealed_with_key"] = keyId };
            }
            record = opened.Value;
        }
        var headers = new JsonObject();
        foreach (var (name, value) in SpooledHeaders.Read(record.Headers))
        {
            headers[name] = value is null ? null : Encoding.UTF8.GetString(value);
        }
        var json = new JsonObject { ["seq"] = row.Seq, ["topic"] = record.Topic, ["headers"] = headers };
        if (ReadDecision(record.Value) is { } decision)
        {
            json["decision"] = JsonNode.Parse(JsonFormatter.Default.Format(decision));
            return json;
        }
        // Not a decision: the bytes, as kcat and others take them.
        json["key"] = record.Key is null ? null : Convert.ToBase64String(record.Key);
        json["value"] = record.Value is null ? null : Convert.ToBase64String(record.Value);
        return json;
    }

    private static DecisionEvent? ReadDecision(byte[]? value)
    {
        try
        {
            return value is not null && DecisionEvent.Parser.ParseFrom(value) is { Assessment: not null, DecisionTime: not null } decision
                ? decision
                : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
