using DuckDB.NET.Data;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Importing;
using FraudScoring.Training.Importing.Sources;
using FraudScoring.V1;
using Payment = FraudScoring.V1.Payment;

namespace FraudScoring.Tests.Training.Importing;

/// <summary>A temporary folder of source files to import.</summary>
internal sealed class ImportFolder : IDisposable
{
    /// <summary>A mapping of the columns id, time, amount, card, shop, fraud.</summary>
    public const string Simple = """
        {
          "transaction_id": "id",
          "event_time": { "column": "time", "zone": "UTC" },
          "amount": "amount",
          "currency": { "constant": "EUR" },
          "card": "card",
          "merchant": "shop",
          "channel": { "constant": "ecommerce" },
          "label": { "column": "fraud", "delay": "1d" }
        }
        """;

    public const string SimpleHeader = "id,time,amount,card,shop,fraud\n";

    public string Root { get; } = Directory.CreateTempSubdirectory("import-").FullName;

    public string Log => Path("own.events");

    public string Path(string name) => System.IO.Path.Combine(Root, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(Path(name), text);
        return Path(name);
    }

    /// <summary>Writes the result of a query as Parquet.</summary>
    public string WriteParquet(string name, string query)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SET TimeZone = 'UTC'; COPY ({query}) TO '{Path(name)}' (FORMAT parquet)";
        command.ExecuteNonQuery();
        return Path(name);
    }

    public ImportSummary Import(
        string mapping, IReadOnlyList<string> files, double mostInvalid = 1, string? invalidRows = null, byte[]? key = null,
        IProgress<ImportProgress>? progress = null, TimeRange? times = null, CancellationToken cancellation = default)
    {
        var faults = new Faults();
        var read = MappingReader.Parse(System.Text.Encoding.UTF8.GetBytes(mapping), faults);
        Assert.That(faults, Is.Empty);
        var request = new ImportRequest(SourceFiles.Find(files), Log, mostInvalid, invalidRows, key ?? [], 256) { Times = times ?? TimeRange.Any };
        return HistoryImport.Run(request, read!, progress ?? new NoProgress(), cancellation);
    }

    /// <summary>Imports lines under <see cref="SimpleHeader"/> with the mapping <see cref="Simple"/>.</summary>
    public ImportSummary ImportLines(params string[] lines) =>
        Import(Simple, [Write("source.csv", SimpleHeader + string.Join('\n', lines) + "\n")]);

    public IReadOnlyList<EventLogRecord> Records() => [.. EventLogReader.Read(Log)];

    public IReadOnlyList<Payment> Payments() => [.. Records().Where(r => r.Transaction is not null).Select(r => r.Transaction.Payment)];

    public IReadOnlyList<LabelEvent> Labels() => [.. Records().Where(r => r.Label is not null).Select(r => r.Label)];

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private sealed class NoProgress : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value)
        {
        }
    }
}
