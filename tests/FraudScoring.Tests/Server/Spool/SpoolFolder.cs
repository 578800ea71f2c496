using FraudScoring.Server.Spool;

namespace FraudScoring.Tests.Server.Spool;

/// <summary>A folder with a spool file, deleted at the end, and records for it.</summary>
internal sealed class SpoolFolder : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("fraud-scoring-test-spool-").FullName;

    public string File => Path.Combine(Folder, "decisions.db");

    public string Log => $"{File}-wal";

    public static SpooledRecord Record(int number) => new(
        "decisions", [(byte)number], [.. Enumerable.Range(0, 700).Select(i => (byte)(number + i))],
        SpooledHeaders.Write(("decision-id", [(byte)number])));

    public static SpooledRecord[] Records(int first, int count) => [.. Enumerable.Range(first, count).Select(Record)];

    public SpoolFile Open(long maxBytes = 64 * 1024 * 1024)
    {
        Assert.That(SpoolFile.TryOpen(File, maxBytes, out var file, out var reason), Is.EqualTo(SpoolOutcome.Done), reason);
        return file!;
    }

    /// <summary>Opens a new file whose first record gets this number.</summary>
    public SpoolFile OpenAt(long first)
    {
        var file = Open();
        Assert.That(file.Complete(first - 1, first - 1, report: null), Is.EqualTo(SpoolOutcome.Done));
        return file;
    }

    /// <summary>The numbers and contents of all records, as text so that they can be compared.</summary>
    public static List<string> ReadAll(SpoolFile file)
    {
        var rows = new List<SpoolRow>();
        Assert.That(file.Read(0, int.MaxValue, rows), Is.EqualTo(SpoolOutcome.Done), file.Reason);
        return rows.ConvertAll(Text);
    }

    public static string Text(SpoolRow row) => $"{row.Seq} {Text(row.Record)}";

    public static string Text(SpooledRecord record) =>
        $"{record.Topic} {Hex(record.Key)} {Hex(record.Headers)} {Hex(record.Value)}";

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string Hex(byte[]? bytes) => bytes is null ? "null" : Convert.ToHexString(bytes);
}
