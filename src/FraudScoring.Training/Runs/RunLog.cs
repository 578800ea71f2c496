using System.Text;
using System.Text.Json;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Runs;

/// <summary>The run log: a file of one JSON record per line, which only grows.</summary>
internal static class RunLog
{
    /// <summary>Its name, beside the event log.</summary>
    public const string FileName = "runs.jsonl";

    private const int IdDigits = 8;
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(50);
    private const int LockAttempts = 100;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Adds a record as one write of one line, and gives it its id. Other programs that add wait for each other.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static RunRecord Append(string path, RunRecord record, CancellationToken cancellation = default)
    {
        var hash = ContentHash.Compute(JsonSerializer.SerializeToUtf8Bytes(record with { Id = "" }, Json));
        var named = record with { Id = hash[..IdDigits] };
        using var file = Open(path, cancellation);
        var line = JsonSerializer.Serialize(named, Json) + "\n";
        file.Write(Encoding.UTF8.GetBytes(EndsInALine(file) ? line : "\n" + line));
        file.Flush(flushToDisk: true);
        return named;
    }

    /// <summary>All records, in order; lines that are none are named and left out.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<RunRecord> Load(string path, Faults faults)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} does not exist: train writes it beside the event log; name it with --runs");
        }
        var records = new List<RunRecord>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }
            try
            {
                records.Add(JsonSerializer.Deserialize<RunRecord>(line, Json) ?? throw new JsonException("It holds null."));
            }
            catch (JsonException e)
            {
                faults.Add($"{path}, line {number}", $"is damaged and was skipped: {e.Message}");
            }
        }
        return records;
    }

    /// <summary>The record of an id, or of the beginning of one.</summary>
    /// <exception cref="ArgumentException">There is none, or several; the message names the ids it may be.</exception>
    public static RunRecord Find(IReadOnlyList<RunRecord> records, string id)
    {
        var found = records.Where(record => record.Id.StartsWith(id, StringComparison.OrdinalIgnoreCase)).DistinctBy(r => r.Id).ToList();
        if (found.Count == 1 && id.Length > 0)
        {
            return found[0];
        }
        var ids = (found.Count > 0 ? found : records).Select(record => record.Id).Distinct()
            .OrderBy(known => Distance(known, id)).ThenBy(known => known, StringComparer.Ordinal).Take(10).ToList();
        throw new ArgumentException(ids.Count == 0
            ? $"run '{id}' is unknown: the run log is empty"
            : $"run '{id}' is {(found.Count > 1 ? "not the beginning of one id" : "unknown")}; the nearest are {string.Join(", ", ids)}");
    }

    private static FileStream Open(string path, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            }
            catch (IOException) when (attempt < LockAttempts && File.Exists(path) && !cancellation.IsCancellationRequested)
            {
                cancellation.WaitHandle.WaitOne(LockPause);
            }
        }
    }

    /// <summary>Leaves the file at its end; false when a line was cut short there.</summary>
    private static bool EndsInALine(FileStream file)
    {
        if (file.Length == 0)
        {
            return true;
        }
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n';
    }

    /// <summary>How many letters must change (Levenshtein).</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[b.Length];
    }
}
