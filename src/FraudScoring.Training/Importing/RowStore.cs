using DuckDB.NET.Data;
using FraudScoring.Inference.Contracts;
using FraudScoring.Training.Importing.Sources;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Training.Importing;

/// <summary>Stores valid rows on disk and returns them in order of arrival.</summary>
internal sealed class RowStore : IDisposable
{
    private readonly ImportDatabase _database;
    private DuckDBAppender? _appender;

    public RowStore(ImportDatabase database)
    {
        _database = database;
        database.Execute("""
            CREATE TABLE payments(number BIGINT, source INTEGER, position BIGINT,
                time_ms BIGINT, id VARCHAR, label_ms BIGINT, fraud BOOLEAN, record BLOB)
            """);
        database.Execute("CREATE TABLE repeated(number BIGINT)");
        _appender = database.Appender("payments");
    }

    public long Payments { get; private set; }

    public long Labels { get; private set; }

    public long Frauds { get; private set; }

    /// <summary>Stores a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="source">Number of its table.</param>
    /// <param name="position">Its position there.</param>
    public void Add(ImportedRow row, int source, long position)
    {
        var payment = EventWriter.ToProto(row.Payment).ToByteArray();
        _appender!.CreateRow().AppendValue(row.Number).AppendValue(source).AppendValue(position).AppendValue(row.Payment.EventTimeMs)
            .AppendValue(row.Payment.TransactionId)
            .AppendValue(row.LabelMs).AppendValue(row.Fraud).AppendValue(payment).EndRow();
        Payments++;
        Labels += row.LabelMs is null ? 0 : 1;
        Frauds += row.LabelMs is not null && row.Fraud ? 1 : 0;
    }

    /// <summary>Drops rows whose transaction id an earlier row has. Nothing can be added afterwards.</summary>
    /// <returns>The tables and positions of the dropped rows, in order.</returns>
    public IEnumerable<(int Source, long Position)> RemoveRepeated(CancellationToken cancellation)
    {
        Dispose();
        _database.Execute("""
            CREATE TABLE firsts AS SELECT id, min(number) AS number FROM payments GROUP BY id HAVING count(*) > 1;
            INSERT INTO repeated SELECT payments.number FROM payments JOIN firsts ON payments.id = firsts.id
            WHERE payments.number > firsts.number
            """);
        const string repeated = """
            SELECT source, position, label_ms IS NOT NULL, label_ms IS NOT NULL AND fraud FROM payments
            WHERE number IN (SELECT number FROM repeated) ORDER BY number
            """;
        var rows = _database.Query(repeated, row => (row.GetInt32(0), row.GetInt64(1), row.GetBoolean(2), row.GetBoolean(3)), cancellation);
        foreach (var (source, position, labelled, fraud) in rows)
        {
            Payments--;
            Labels -= labelled ? 1 : 0;
            Frauds -= fraud ? 1 : 0;
            yield return (source, position);
        }
    }

    /// <summary>
    /// The records of the event log in order of arrival: payments at their event time, labels at the time they became known. Records of
    /// the same millisecond follow in the order of kind: 0 labels of earlier payments, 1 payments in row order, 2 labels known at the
    /// time of their own payment, which must not precede it.
    /// </summary>
    /// <param name="source">Name recorded as the source of the labels.</param>
    /// <param name="cancellation">Checked between records.</param>
    public IEnumerable<EventLogRecord> Records(string source, CancellationToken cancellation)
    {
        const string ordered = """
            WITH kept AS (SELECT * FROM payments WHERE number NOT IN (SELECT number FROM repeated))
            SELECT record, kind, label_ms, fraud FROM (
                SELECT time_ms AS arrival_ms, 1 AS kind, * FROM kept
                UNION ALL
                SELECT label_ms AS arrival_ms, CASE WHEN label_ms > time_ms THEN 0 ELSE 2 END AS kind, * FROM kept
                WHERE label_ms IS NOT NULL)
            ORDER BY arrival_ms, kind, number
            """;
        return _database.Query(ordered, reader => RecordOf(reader, source), cancellation);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _appender?.Dispose();
        _appender = null;
    }

    private static EventLogRecord RecordOf(DuckDBDataReader reader, string source)
    {
        using var stream = reader.GetStream(0);
        var payment = Payment.Parser.ParseFrom(stream);
        return reader.GetInt32(1) == 1
            ? new EventLogRecord { Transaction = new TransactionEvent { Payment = payment } }
            : new EventLogRecord { Label = EventWriter.LabelOf(payment, reader.GetInt64(2), reader.GetBoolean(3), source) };
    }
}
