using DuckDB.NET.Data;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Quality;

namespace FraudScoring.Training.Importing;

/// <summary>
/// Makes an event log of tables. The path of a row: 1 its file is opened and its lines counted; 2 its texts become a checked payment with
/// its label, or it is a bad row; 3 it is put on disk, and left out if its transaction id was there before; 4 all are read in order of
/// time and written; 5 what was written is looked at.
/// </summary>
internal sealed class HistoryImport
{
    private const int ReportEvery = 10_000;
    private readonly ImportRequest _request;
    private readonly ImportMapping _mapping;
    private readonly IProgress<ImportProgress> _progress;
    private readonly CancellationToken _cancellation;

    private HistoryImport(ImportRequest request, ImportMapping mapping, IProgress<ImportProgress> progress, CancellationToken cancellation) =>
        (_request, _mapping, _progress, _cancellation) = (request, mapping, progress, cancellation);

    /// <summary>Imports. When cancelled or failed, nothing is left; when too many rows are bad, only the list of them.</summary>
    /// <exception cref="InvalidDataException">A file cannot be read, or lacks a column; all faults are named.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ImportSummary Run(ImportRequest request, ImportMapping mapping, IProgress<ImportProgress> progress, CancellationToken cancellation)
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
        using var badRowsFile = _request.BadRowsPath is null ? null : new PartialFile(_request.BadRowsPath);
        // Not disposed: it would flush into a file that is complete or thrown away, and holds nothing else.
        StreamWriter? badRowsText = badRowsFile is null ? null : new(badRowsFile.Stream) { NewLine = "\n" };
        var bad = new BadRows(_mapping, badRowsText);
        bad.WriteHeader();
        var tables = Open(database);
        var total = tables.Sum(table => table.Rows);
        using var store = new RowStore(database);
        ReadRows(tables, total, database, store, bad);
        FindRepeated(tables, store, bad);
        badRowsText?.Flush();
        badRowsFile?.Complete();
        return new ImportSummary(total, bad.Rows, bad.Reasons, store.Payments == 0 || bad.Rows > _request.MostBadShare * total ? null : Write(store));
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
            Report(ImportStage.LookAtFiles, i + 1, tables.Count);
        }
        return tables;
    }

    private void ReadRows(List<SourceTable> tables, long total, ImportDatabase database, RowStore store, BadRows bad)
    {
        var reader = new RowReader(_mapping, new TokenHash(_request.HashKey));
        var faults = new Faults();
        long before = 0;
        foreach (var table in tables)
        {
            foreach (var (row, problem) in table.Broken)
            {
                bad.Record(table.Path, row, [new Fault("", problem)]);
            }
            foreach (var (row, texts) in table.Read(database, _cancellation))
            {
                faults.Clear();
                if (reader.Parse(texts, before + row, faults) is { } good)
                {
                    store.Add(good);
                }
                else
                {
                    bad.Record(table.Path, row, faults);
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

    private void FindRepeated(List<SourceTable> tables, RowStore store, BadRows bad)
    {
        var (table, before) = (0, 0L);
        foreach (var number in store.RemoveRepeated(_cancellation))
        {
            while (number > before + tables[table].Rows)
            {
                before += tables[table++].Rows;
            }
            bad.Record(tables[table].Path, number - before, [new Fault("payment.transaction_id", "is that of an earlier row")]);
        }
        Report(ImportStage.FindRepeated, 1, 1);
    }

    private WrittenLog Write(RowStore store)
    {
        using var log = new EventLogWriter(_request.Out);
        var seen = new LogQuality(findsRepeated: false);
        foreach (var record in seen.Watch(store.Records(_mapping.Label?.Source ?? "", _cancellation)))
        {
            log.Write(record);
            if (log.Records % ReportEvery == 0)
            {
                Report(ImportStage.WriteInOrder, log.Records, store.Payments + store.Labels);
            }
        }
        Report(ImportStage.WriteInOrder, 1, 1);
        var quality = QualityReport.Create(seen, repeated: 0);
        Report(ImportStage.JudgeQuality, 1, 1);
        _cancellation.ThrowIfCancellationRequested();
        return new WrittenLog(store.Payments, store.Labels, store.Frauds, log.Bytes, log.Complete(), quality);
    }

    private void Report(ImportStage stage, long done, long all) => _progress.Report(new ImportProgress(stage, (double)done / all));
}
