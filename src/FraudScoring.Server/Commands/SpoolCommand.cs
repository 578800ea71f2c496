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
            "Prints every intact record of a spool file as JSON, one per line, in order except in damaged parts. Damaged records are "
            + "skipped. Never changes the file; its folder must have room for a copy, which is deleted at the end.")
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
        var (count, missing) = Print(file.FullName, cipher, console.Output);
        await console.Error.WriteLineAsync($"Read {count} intact records; {missing} between them are damaged.");
        return ServerCommand.Success;
    }

    /// <summary>Prints records as they are found, once each: a file can be larger than the memory.</summary>
    private static (long Count, long Missing) Print(string path, SpoolCipher? cipher, TextWriter output)
    {
        var printed = new HashSet<long>();
        var (least, greatest) = (long.MaxValue, 0L);
        SpoolSalvage.Read(path, rows =>
        {
            foreach (var row in rows.Where(row => printed.Add(row.Seq)))
            {
                output.WriteLine(ToJson(row, cipher).ToJsonString());
                (least, greatest) = (Math.Min(least, row.Seq), Math.Max(greatest, row.Seq));
            }
        });
        return (printed.Count, printed.Count == 0 ? 0 : greatest - least + 1 - printed.Count);
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
