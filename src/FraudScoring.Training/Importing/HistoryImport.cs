using DuckDB.NET.Data;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Importing.Sources;
using FraudScoring.Training.Quality;

namespace FraudScoring.Training.Importing;

/// <summary>
/// Writes an event log from tables. Each row passes these stages: 1 its file is scanned; 2 its texts become a validated payment with its
/// label, a refund or an invalid row; 3 it is stored on disk, and dropped if an earlier row has its transaction id; 4 all rows are sorted
/// by time and written; 5 the written log is checked for quality.
/// </summary>
/// <remarks>
/// DuckDB stores and sorts the rows and reads Parquet, so that a history of any size needs only the memory given by <c>--memory</c>. The
/// rows themselves are mapped and validated in C#, not in SQL, because the rules must be those of the service. The cost is the native
/// DuckDB library, and disk space for a copy of the history while the import runs. CSV files are read by <see cref="RecordReader"/>.
/// </remarks>
internal sealed class HistoryImport
{
    private const int ReportEvery = 10_000;
    private readonly ImportRequest _request;
    private readonly ImportMapping _mapping;
    private readonly IProgress<ImportProgress> _progress;
    private readonly CancellationToken _cancellation;
    private readonly Faults _faults = new();
    private long _rows;

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
        using var store = new RowStore(database);
        var reader = new RowReader(_mapping, new TokenHash(_request.HashKey), _request.Times);
        ReadRows(reader, tables, store, invalid);
        FindRepeated(tables, store, invalid);
        invalidRowsText?.Flush();
        invalidRowsFile?.Complete();
        var isRefused = store.Payments == 0 || invalid.Rows > _request.MaxInvalidShare * _rows || reader.Refusal is not null;
        return new ImportSummary(_rows, invalid.Rows, invalid.Reasons, isRefused ? null : Write(store, reader.Warnings()))
        {
            Refunds = reader.Refunds,
            Filtered = reader.Filtered,
            Notes = [.. tables.SelectMany(table => table.Notes), .. reader.Notes()],
            Refusal = reader.Refusal,
        };
    }

    private List<SourceTable> Open(ImportDatabase database)
    {
        var (faults, tables) = (new Faults(), new List<SourceTable>());
        var columns = _mapping.Columns.Sources;
        foreach (var file in _request.Files)
        {
            SourceTable? table = file.Path.EndsWith(SourceFiles.Parquet, StringComparison.OrdinalIgnoreCase)
                ? ParquetTable.Open(file, columns, database, faults)
                : CsvTable.Open(file, columns, _mapping.Text, faults, _cancellation);
            if (table is not null)
            {
                tables.Add(table);
            }
            Report(ImportStage.ScanFiles, tables.Count, _request.Files.Count);
        }
        return faults.Count == 0 ? tables : throw new InvalidDataException(faults.ToLines());
    }

    private void ReadRows(RowReader reader, List<SourceTable> tables, RowStore store, InvalidRows invalid)
    {
        var (size, before) = (tables.Sum(table => table.Size), 0L);
        for (var i = 0; i < tables.Count; i++)
        {
            foreach (var row in tables[i].Read(_cancellation))
            {
                _rows++;
                Take(row, i, tables[i], reader, store, invalid);
                if (_rows % ReportEvery == 0)
                {
                    _progress.Report(new ImportProgress(ImportStage.ReadRows, (double)(before + row.Position) / size, _rows));
                }
            }
            before += tables[i].Size;
        }
        _progress.Report(new ImportProgress(ImportStage.ReadRows, 1, _rows));
    }

    private void Take(SourceRow row, int source, SourceTable table, RowReader reader, RowStore store, InvalidRows invalid)
    {
        if (row.Problem is { } problem)
        {
            invalid.Record(table, row.Position, [new Fault("", problem)]);
            return;
        }
        _faults.Clear();
        if (reader.Parse(row.Texts, _rows, _faults) is { } valid)
        {
            store.Add(valid, source, row.Position);
        }
        else if (_faults.Count > 0)
        {
            invalid.Record(table, row.Position, _faults);
        }
    }

    private void FindRepeated(List<SourceTable> tables, RowStore store, InvalidRows invalid)
    {
        foreach (var (source, position) in store.RemoveRepeated(_cancellation))
        {
            invalid.Record(tables[source], position, [new Fault("payment.transaction_id", "repeats that of an earlier row")]);
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
        return new WrittenLog(store.Payments, store.Labels, store.Frauds, log.Bytes, _request.DryRun ? "" : log.Complete(), quality);
    }

    private void Report(ImportStage stage, long done, long all) => _progress.Report(new ImportProgress(stage, (double)done / all, 0));
}
