using ParquetSharp;

namespace FraudScoring.Tests.Training.Importing;

/// <summary>Parquet files of Apache's own writer, with the types that pandas, Polars and Spark use; DuckDB's are in other tests.</summary>
public sealed class ParquetTypesTests
{
    private static readonly DateTime Noon = new(2020, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private ImportFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ImportFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase(Compression.Uncompressed)]
    [TestCase(Compression.Snappy)]
    [TestCase(Compression.Gzip)]
    [TestCase(Compression.Zstd)]
    [TestCase(Compression.Lz4)]
    [TestCase(Compression.Brotli)]
    public void Import_PandasTypesAndAnyCompression_AreRead(Compression compression)
    {
        Column[] columns =
        [
            new Column<long>("id"), new Column<DateTimeNanos>("time", LogicalType.Timestamp(isAdjustedToUtc: false, TimeUnit.Nanos)),
            new Column<double?>("amount"), new Column<string>("card"), new Column<string>("shop"), new Column<bool?>("fraud"),
        ];
        Write(columns, compression, new[] { 7L, 8L }, new[] { new DateTimeNanos(Noon), new DateTimeNanos(Noon) },
            new double?[] { 12.5, null }, new[] { "c", "c" }, new[] { "s", "s" }, new bool?[] { true, null });
        var summary = _folder.Import(ImportFolder.Simple, [_folder.Path("a.parquet")]);
        Assert.That((summary.Rows, summary.InvalidRows, summary.Reasons.Single().Field), Is.EqualTo((2, 1, "payment.amount")));
        CheckPayment();
    }

    [Test]
    public void Import_SparkTypes_AreRead()
    {
        // Old versions of Spark write times as INT96, and texts without saying so.
        Column[] columns =
        [
            new Column<int>("id"), new Column<Int96>("time"), new Column<decimal>("amount", LogicalType.Decimal(precision: 29, scale: 2)),
            new Column<byte[]>("card"), new Column<byte[]>("shop"), new Column<int>("fraud"),
        ];
        // Nanoseconds of the day, and the Julian day.
        const long nanoseconds = 12 * 3_600_000_000_000L;
        var time = new Int96(unchecked((int)nanoseconds), (int)(nanoseconds >> 32), 2_458_850);
        Write(columns, Compression.Snappy, new[] { 7 }, new[] { time }, new[] { 12.5m }, new[] { "c"u8.ToArray() },
            new[] { "s"u8.ToArray() }, new[] { 1 });
        Assert.That(_folder.Import(ImportFolder.Simple, [_folder.Path("a.parquet")]).InvalidRows, Is.Zero);
        CheckPayment();
    }

    private void CheckPayment()
    {
        var payment = _folder.Payments().Single();
        Assert.That((payment.TransactionId, payment.Amount, payment.CardToken, payment.MerchantId), Is.EqualTo(("7", "12.50", "c", "s")));
        Assert.That(payment.EventTime.ToDateTime(), Is.EqualTo(Noon));
    }

    private void Write(Column[] columns, Compression compression, params Array[] values)
    {
        using var properties = new WriterPropertiesBuilder().Compression(compression).Build();
        using var file = new ParquetFileWriter(_folder.Path("a.parquet"), columns, properties);
        using var group = file.AppendRowGroup();
        foreach (var column in values)
        {
            using var writer = group.NextColumn().LogicalWriter();
            writer.Apply(new Batch(column));
        }
        file.Close();
    }

    private sealed class Batch(Array values) : ILogicalColumnWriterVisitor<bool>
    {
        public bool OnLogicalColumnWriter<TValue>(LogicalColumnWriter<TValue> columnWriter)
        {
            columnWriter.WriteBatch((TValue[])values);
            return true;
        }
    }
}
