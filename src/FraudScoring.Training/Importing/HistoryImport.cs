using DuckDB.NET.Data;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Quality;

namespace FraudScoring.Training.Importing;

/// <summary>
/// Writes an event log from tables. Each row passes these stages: 1 its file is scanned and its rows are counted; 2 its texts become a
/// validated payment with its label, a refund, or an invalid row; 3 it is stored on disk, and dropped if an earlier row has its
/// transaction id; 4 all rows are sorted by time and written; 5 the written log is checked for quality.
/// </summary>
/// <remarks>
/// DuckDB reads, stores and sorts the rows, so that a history of any size needs only the memory given by <c>--memory</c>; sorting in
/// memory would limit the size, and would leave CSV quoting and Parquet to be implemented here. The rows themselves are mapped and
/// validated in C#, not in SQL, because the rules must be those of the service. The cost is the native DuckDB library, and disk space for
/// a copy of the history while the import runs.
/// </remarks>
internal sealed class HistoryImport
{
    private const int ReportEvery = 10_000;
    private readonly ImportRequest _request;
    private readonly ImportMapping _mapping;
    private readonly IProgress<ImportProgress> _progress;
    private readonly CancellationToken _cancellation;

    private HistoryImport(
        ImportRequest request, ImportMapping mapping, IProgress<ImportProgress> progress, CancellationToken cancellation) =>
        (_request, _mapping, _progress, _cancellation) = (request, mapping, progress, cancellation);

    /// <summary>
    /// Runs the import. If it fails, no file is left behind; if too many rows are invalid, or it is cancelled after all rows were read,
    /// only the list of invalid rows is.
    /// </summary>
    /// <exception cref="InvalidDataException">Files are unreadable or lack columns; the message holds all faults.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ImportSummary Run(
        ImportRequest request, ImportMapping mapping, IProgress<ImportProgress> progress, CancellationToken cancellation)
    {
        try
        {
            return new HistoryImport(request, mapping, progress, cancellation).Run();
        }
        catch (DuckDBException error)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new InvalidDataException(error.Message.Split('\n', 2)[0], error);
        }
    }

    private ImportSummary Run()
    {
        using var database = new ImportDatabase(_request.Out, _request.MemoryMb);
        using var invalidRowsFile = _request.InvalidRowsPath is null ? null : new PartialFile(_request.InvalidRowsPath);
        // Not disposed: that would flush into a file that is already complete or deleted, and it owns nothing but the stream.
        StreamWriter? invalidRowsText = invalidRowsFile is null ? null : new(invalidRowsFile.Stream) { NewLine = "\n" };
        var invalid = new InvalidRows(_mapping, invalidRowsText);
        invalid.WriteHeader();
        var tables = Open(database);
        var total = tables.Sum(table => table.Rows);
        using var store = new RowStore(database);
        var reader = new RowReader(_mapping, new TokenHash(_request.HashKey), _request.Times);
        ReadRows(reader, tables, total, database, store, invalid);
        FindRepeated(tables, store, invalid);
        invalidRowsText?.Flush();
        invalidRowsFile?.Complete();
        var isRefused = store.Payments == 0 || invalid.Rows > _request.MaxInvalidShare * total || reader.Refusal is not null;
        return new ImportSummary(total, invalid.Rows, invalid.Reasons, isRefused ? null : Write(store, reader.Warnings()))
        {
            Refunds = reader.Refunds,
            Notes = reader.Notes(),
            Refusal = reader.Refusal,
        };
    }

    private List<SourceTable> Open(ImportDatabase database)
    {
        var faults = new Faults();
        var tables = _request.Files.Select(file => SourceTable.Open(file, _mapping, database, faults)).OfType<SourceTable>().ToList();
        if (faults.Count > 0)
        {
            throw new InvalidDataException(faults.ToLines());
        }
        for (var i = 0; i < tables.Count; i++)
        {
            tables[i].Examine(database, _cancellation);
            Report(ImportStage.ScanFiles, i + 1, tables.Count);
        }
        return tables;
    }

    private void ReadRows(
        RowReader reader, List<SourceTable> tables, long total, ImportDatabase database, RowStore store, InvalidRows invalid)
    {
        var faults = new Faults();
        long before = 0;
        foreach (var table in tables)
        {
            foreach (var (row, problem) in table.Broken)
            {
                invalid.Record(table.Path, row, [new Fault("", problem)]);
            }
            foreach (var (row, texts) in table.Read(database, _cancellation))
            {
                faults.Clear();
                if (reader.Parse(texts, before + row, faults) is { } valid)
                {
                    store.Add(valid);
                }
                else if (faults.Count > 0)
                {
                    invalid.Record(table.Path, row, faults);
                }
                if ((before + row) % ReportEvery == 0)
                {
                    Report(ImportStage.ReadRows, before + row, total);
                }
            }
            before += table.Rows;
        }
        Report(ImportStage.ReadRows, 1, 1);
    }

    private void FindRepeated(List<SourceTable> tables, RowStore store, InvalidRows invalid)
    {
        var (table, before) = (0, 0L);
        foreach (var number in store.RemoveRepeated(_cancellation))
        {
            while (number > before + tables[table].Rows)
            {
                before += tables[table++].Rows;
            }
            invalid.Record(tables[table].Path, number - before, [new Fault("payment.transaction_id", "repeats that of an earlier row")]);
        }
        Report(ImportStage.FindRepeated, 1, 1);
    }

    private WrittenLog Write(RowStore store, IReadOnlyList<string> warnings)
    {
        using var log = new EventLogWriter(_request.Out);
        var seen = new LogQuality(_request.Rates, findsRepeated: false);
        foreach (var record in seen.Watch(store.Records(_mapping.Label?.Source ?? "", _cancellation)))
        {
            log.Write(record);
            if (log.Records % ReportEvery == 0)
            {
                Report(ImportStage.WriteInOrder, log.Records, store.Payments + store.Labels);
            }
        }
        Report(ImportStage.WriteInOrder, 1, 1);
        var quality = QualityReport.Create(seen, repeated: 0, warnings);
        Report(ImportStage.CheckQuality, 1, 1);
        _cancellation.ThrowIfCancellationRequested();
        return new WrittenLog(store.Payments, store.Labels, store.Frauds, log.Bytes, log.Complete(), quality);
    }

    private void Report(ImportStage stage, long done, long all) => _progress.Report(new ImportProgress(stage, (double)done / all));
}
