using System.Text;
using System.Text.Json;
using FraudScoring.Core.Expressions;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Runs;

/// <summary>The run log: a file with one JSON record per line, which is only ever appended to.</summary>
/// <remarks>
/// A text file that <c>git</c>, <c>jq</c> and data frames read, instead of a tracking server that would have to run before the first
/// training. Appending a line is the only write, so a failure can damage no record but the last: a truncated last line is closed before
/// the next append, and reading skips and reports it. The cost: every read parses the whole file.
/// </remarks>
internal static class RunLog
{
    /// <summary>Default file name, next to the event log.</summary>
    public const string FileName = "runs.jsonl";

    private const int IdDigits = 8;

    // 5 s in all: an append takes milliseconds.
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(50);
    private const int LockAttempts = 100;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>
    /// Appends a record as one write of one line, with the file locked, and returns it with its id. The id is a hash of the record: no
    /// counter that several processes would have to share.
    /// </summary>
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

    /// <summary>Reads all records, in order. Damaged lines are skipped and reported as faults.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<RunRecord> Load(string path, Faults faults)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} does not exist; train writes it next to the event log, and --runs sets its path");
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
                records.Add(JsonSerializer.Deserialize<RunRecord>(line, Json) ?? throw new JsonException("The record is null."));
            }
            catch (JsonException e)
            {
                faults.Add($"{path}, line {number}", $"is damaged and was skipped: {e.Message}");
            }
        }
        return records;
    }

    /// <summary>Finds the record with an id, or with an id that begins with the given text.</summary>
    /// <exception cref="ArgumentException">No record or several records match; the message lists the nearest ids.</exception>
    public static RunRecord Find(IReadOnlyList<RunRecord> records, string id)
    {
        var found = records.Where(record => record.Id.StartsWith(id, StringComparison.OrdinalIgnoreCase)).DistinctBy(r => r.Id).ToList();
        if (found.Count == 1 && id.Length > 0)
        {
            return found[0];
        }
        var ids = (found.Count > 0 ? found : records).Select(record => record.Id).Distinct()
            .OrderBy(known => SimilarName.Distance(known, id)).ThenBy(known => known, StringComparer.Ordinal).Take(10).ToList();
        throw new ArgumentException(ids.Count == 0
            ? $"run '{id}' is unknown: the run log is empty"
            : $"run '{id}' is {(found.Count > 1 ? "ambiguous" : "unknown")}; the nearest are {string.Join(", ", ids)}");
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

    /// <summary>Moves to the end of the file; false if its last line is truncated.</summary>
    private static bool EndsInALine(FileStream file)
    {
        if (file.Length == 0)
        {
            return true;
        }
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n';
    }
}
