using System.IO.Compression;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Importing;

namespace FraudScoring.Tests.Training.Importing;

public sealed class HistoryImportTests
{
    private ImportFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ImportFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void Run_RowsInAnyOrder_WritesPaymentsAndLabelsInOrderOfArrival()
    {
        var summary = _folder.ImportLines(
            "b,2020-01-03 00:00:00,2.5,card-b,shop,0",
            "a,2020-01-01 00:00:00,1.00,card-a,shop,1",
            "c,2020-01-02 00:00:00,3,card-c,shop,",
            "d,2020-01-02 00:00:00,4,card-d,shop,0");
        var order = _folder.Records().Select(r =>
            r.Label is { } label ? $"label {label.TransactionId} {label.Fraud}" : r.Transaction.Payment.TransactionId);
        Assert.That(order, Is.EqualTo(new[] { "a", "label a True", "c", "d", "label d False", "b", "label b False" }));
        Assert.That(summary.Written,
            Has.Property("Payments").EqualTo(4).And.Property("Labels").EqualTo(3).And.Property("Frauds").EqualTo(1));
        Assert.That(summary.Written!.Hash, Is.EqualTo(EventLogReader.Hash(_folder.Log)));
        var label = _folder.Labels()[0];
        Assert.That((label.CardToken, label.MerchantId, label.Source), Is.EqualTo(("card-a", "shop", "import")));
        Assert.That(label.LabelTime.Seconds - label.EventTime.Seconds, Is.EqualTo(86_400));
    }

    [Test]
    public void Run_MoreRowsThanTheDatabaseReturnsPerChunk_AreAllRead()
    {
        var summary = _folder.ImportLines([.. Enumerable.Range(0, 210_000).Select(i => $"{i},2020-01-01 00:00:00,1.00,c,s,")]);
        Assert.That((summary.Rows, summary.InvalidRows, summary.Written?.Payments), Is.EqualTo((210_000, 0, 210_000)));
    }

    [Test]
    public void Run_LabelsKnownImmediately_FollowTheirPayments()
    {
        var mapping = ImportFolder.Simple.Replace("\"1d\"", "\"0\"", StringComparison.Ordinal);
        _folder.Import(mapping, [_folder.Write(
            "a.csv", ImportFolder.SimpleHeader + "a,2020-01-01 00:00:00,1,c,s,1\nb,2020-01-01 00:00:00,1,c,s,0\n")]);
        Assert.That(_folder.Records().Select(r => r.Label?.TransactionId ?? "payment"),
            Is.EqualTo(new[] { "payment", "payment", "a", "b" }));
    }

    [Test]
    public void Run_FraudsOnly_LabelsNothingElse()
    {
        var mapping = ImportFolder.Simple.Replace("\"1d\"", "\"1d\", \"frauds_only\": true", StringComparison.Ordinal);
        _folder.Import(mapping, [_folder.Write(
            "a.csv", ImportFolder.SimpleHeader + "a,2020-01-01 00:00:00,1,c,s,1\nb,2020-01-01 00:00:00,1,c,s,0\n")]);
        Assert.That(_folder.Labels().Select(l => l.TransactionId), Is.EqualTo(new[] { "a" }));
    }

    [TestCase("a,2020-01-01 00:00:00,\"1,5\",c,s,0", "payment.amount", "amount", "has a comma; set \"decimal\"")]
    [TestCase("a,2020-01-01 00:00:00,$1.50,c,s,0", "payment.amount", "amount", "is written in USD ($), but the currency is EUR")]
    [TestCase("a,2020-01-01 00:00:00,1.234,c,s,0", "payment.amount", "amount", "has more decimals")]
    [TestCase("a,2020-01-01 00:00:00,nan,c,s,0", "payment.amount", "amount", "is not a plain decimal number")]
    [TestCase("a,2020-01-01 00:00:00,inf,c,s,0", "payment.amount", "amount", "is not a plain decimal number")]
    [TestCase("a,2020-01-01 00:00:00,,c,s,0", "payment.amount", "amount", "is required")]
    [TestCase("a,2020-01-01 00:00:00,1,,s,0", "payment.card_token", "card", "is required")]
    [TestCase("a,2020-01-01 00:00:00,1,4111111111111111,s,0", "payment.card_token", "card", "looks like a card number")]
    [TestCase("a,2020-01-01 00:00:00,1,c,,0", "payment.merchant_id", "shop", "is required")]
    [TestCase(",2020-01-01 00:00:00,1,c,s,0", "payment.transaction_id", "id", "is required")]
    [TestCase("a,2020-01-01T00:00:00Z,1,c,s,0", "payment.event_time", "time", "although the mapping names a zone")]
    [TestCase("a,2020-02-30 00:00:00,1,c,s,0", "payment.event_time", "time", "is not a valid date and time")]
    [TestCase("a,yesterday,1,c,s,0", "payment.event_time", "time", "is not a time such as")]
    [TestCase("a,,1,c,s,0", "payment.event_time", "time", "is required")]
    [TestCase("a,1969-01-01 00:00:00,1,c,s,0", "payment.event_time", "time", "is not a time after 1970")]
    [TestCase("a,2020-01-01 00:00:00,1,c,s,maybe", "label.fraud", "fraud", "means neither fraud nor legitimate")]
    [TestCase("a,2020-01-01 00:00:00,1", "", "", "has 3 columns; the header has 6")]
    [TestCase("a,2020-01-01 00:00:00,1,c,s,0,more", "", "", "has 7 columns; the header has 6")]
    public void Run_InvalidRow_IsCountedUnderFieldColumnAndReason(string line, string field, string column, string message)
    {
        var summary = _folder.ImportLines("ok,2020-01-01 00:00:00,1,c,s,0", line, "fine,2020-01-01 00:00:00,1,c,s,0");
        Assert.That((summary.Rows, summary.InvalidRows, summary.Written?.Payments), Is.EqualTo((3, 1, 2)));
        var reason = summary.Reasons.Single();
        Assert.That((reason.Field, reason.Column, reason.Rows), Is.EqualTo((field, column, 1)));
        Assert.That(reason.Message, Does.Contain(message));
        Assert.That(reason.Examples, Is.EqualTo(new[] { "source.csv line 3" }));
    }

    [Test]
    public void Run_ManyInvalidRows_NamesTheFirstOfEachAndWritesAllWhereAsked()
    {
        var lines = Enumerable.Range(1, 30)
            .Select(i => i % 3 == 0 ? $"t{i},2020-01-01 00:00:00,x,,s,0" : i % 7 == 0 ? "broken" : $"t{i},2020-01-01 00:00:00,1,c,s,0");
        var file = _folder.Write("source.csv", ImportFolder.SimpleHeader + string.Join('\n', lines));
        var summary = _folder.Import(ImportFolder.Simple, [file], invalidRows: _folder.Path("invalid.csv"));
        Assert.That((summary.Rows, summary.InvalidRows), Is.EqualTo((30, 13)));
        Assert.That(summary.Reasons.Select(r => r.Rows), Is.EqualTo(new[] { 10, 10, 3 }));
        Assert.That(summary.Reasons[0].Examples, Is.EqualTo(new[] { "source.csv line 4", "source.csv line 7", "source.csv line 10" }));
        Assert.That(summary.Reasons[2].Examples, Is.EqualTo(new[] { "source.csv line 8", "source.csv line 15", "source.csv line 29" }));
        var bad = File.ReadAllLines(_folder.Path("invalid.csv"));
        Assert.That(bad, Has.Length.EqualTo(1 + 10 + 10 + 3));
        Assert.That(bad[0], Is.EqualTo("file,line,column,field,reason"));
        Assert.That(bad, Has.Some.EqualTo($"{file},4,card,payment.card_token,is required"));
    }

    [Test]
    public void Run_TooManyInvalidRows_WritesNothingButTheirList()
    {
        var lines = string.Concat(Enumerable.Range(0, 98).Select(i => $"t{i},2020-01-01 00:00:00,1,c,s,0\n"));
        const string bad = "x,2020-01-01 00:00:00,x,c,s,0\ny,2020-01-01 00:00:00,x,c,s,0\n";
        var file = _folder.Write("source.csv", ImportFolder.SimpleHeader + lines + bad);
        var summary = _folder.Import(ImportFolder.Simple, [file], mostInvalid: 0.01, invalidRows: _folder.Path("invalid.csv"));
        Assert.That(summary.Written, Is.Null);
        Assert.That(Directory.GetFileSystemEntries(_folder.Root).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "source.csv", "invalid.csv" }));
        Assert.That(_folder.Import(ImportFolder.Simple, [file], mostInvalid: 0.02).Written, Is.Not.Null);
    }

    [Test]
    public void Run_Refunds_AreNeitherPaymentsNorInvalid()
    {
        var summary = _folder.ImportLines("a,2020-01-01 00:00:00,1,c,s,0", "b,2020-01-01 00:00:00,-1,c,s,0", "c,2020-01-01 00:00:00,2,c,s,1");
        Assert.That((summary.Rows, summary.InvalidRows, summary.Refunds, summary.Written!.Payments), Is.EqualTo((3, 0, 1, 2)));
    }

    [Test]
    public void Run_MoreRefundsThanPayments_NamesTheOptionForDebits() => Assert.That(
        _folder.ImportLines("a,2020-01-01 00:00:00,-1,c,s,0", "b,2020-01-01 00:00:00,-1,c,s,0", "c,2020-01-01 00:00:00,2,c,s,1")
            .Written!.Quality.Warnings,
        Has.Some.StartsWith("2 rows are refunds, more than the 1 payments: ").And.Some.Contains("\"negative\": \"payment\""));

    [Test]
    public void Run_ThousandsPointsAmongDecimalCommas_AreNotReadAsDecimals()
    {
        var summary = _folder.ImportLines([.. Enumerable.Range(0, 200).Select(i =>
            $"t{i},2020-01-01 00:00:00,{(i == 7 ? "\"12,34\"" : "1.000")},c,s,0")]);
        Assert.That((summary.Written, summary.InvalidRows), Is.EqualTo((default(WrittenLog), 1)));
        Assert.That(summary.Refusal, Does.StartWith("199 amounts have three digits after a point, and other amounts have a comma: the point may"));
    }

    [Test]
    public void Run_OnlyAmountsWithThreeDecimals_WarnsOfThousands()
    {
        var summary = _folder.ImportLines("a,2020-01-01 00:00:00,1.500,c,s,0", "b,2020-01-01 00:00:00,3,c,s,1");
        Assert.That(summary.Written!.Quality.Warnings, Has.Some.StartsWith("all 1 amounts with a point have three digits after it"));
        summary = _folder.ImportLines("a,2020-01-01 00:00:00,1.500,c,s,0", "b,2020-01-01 00:00:00,0.500,c,s,1");
        Assert.That(summary.Written!.Quality.Warnings, Has.None.Contains("three digits"));
    }

    [Test]
    public void Run_ClockChanges_AreNoted()
    {
        var mapping = ImportFolder.Simple.Replace("\"UTC\"", "\"Europe/Madrid\"", StringComparison.Ordinal);
        var file = _folder.Write("a.csv", ImportFolder.SimpleHeader + "a,2020-03-29 02:30:00,1,c,s,0\nb,2020-10-25 02:30:00,1,c,s,0\n");
        Assert.That(_folder.Import(mapping, [file]).Notes,
            Has.Some.StartsWith("1 local times do not exist").And.Some.StartsWith("1 local times occurred twice"));
        Assert.That(_folder.Payments().Select(payment => payment.EventTime.ToDateTimeOffset()), Is.EqualTo(new[]
        {
            new DateTimeOffset(2020, 3, 29, 1, 30, 0, TimeSpan.Zero), new DateTimeOffset(2020, 10, 25, 0, 30, 0, TimeSpan.Zero),
        }));
    }

    [Test]
    public void Run_TransactionIdAgain_KeepsTheFirstAlsoAcrossFiles()
    {
        var first = _folder.Write("1.csv",
            ImportFolder.SimpleHeader + "a,2020-01-02 00:00:00,1,c,s,1\nb,2020-01-02 00:00:00,2,c,s,0\na,2020-01-01 00:00:00,3,c,s,1\n");
        var second = _folder.Write("2.csv", ImportFolder.SimpleHeader + "c,2020-01-01 00:00:00,4,c,s,0\nb,2020-01-01 00:00:00,5,c,s,1\n");
        var summary = _folder.Import(ImportFolder.Simple, [first, second]);
        Assert.That(summary.Reasons.Single().Examples, Is.EqualTo(new[] { "1.csv line 4", "2.csv line 3" }));
        Assert.That(_folder.Payments().Select(p => p.Amount), Is.EqualTo(new[] { "4.00", "1.00", "2.00" }));
        Assert.That((summary.Written!.Payments, summary.Written.Labels, summary.Written.Frauds), Is.EqualTo((3, 3, 1)));
        Assert.That(_folder.Labels(), Has.Count.EqualTo(3));
    }

    [Test]
    public void Run_NoTransactionIds_AreMadeOfTheRowsNumber()
    {
        var mapping = ImportFolder.Simple.Replace("\"transaction_id\": \"id\",", "", StringComparison.Ordinal);
        const string rows = ImportFolder.SimpleHeader + "x,2020-01-01 00:00:00,1,c,s,1\nx,2020-01-01 00:00:00,2,c,s,0\n";
        _folder.Import(mapping, [_folder.Write("1.csv", rows), _folder.Write("2.csv", rows)]);
        Assert.That(_folder.Payments().Select(p => p.TransactionId), Is.EqualTo(new[] { "row-1", "row-2", "row-3", "row-4" }));
    }

    [Test]
    public void Run_QuotesByteOrderMarkWindowsLinesAndCompression_AreRead()
    {
        const string text = "\uFEFFid,time,amount,\"card\",shop,fraud\r\na,2020-01-01 00:00:00,1,\"c,1\",\"the \"\"shop\"\"\",1\r\n";
        using (var file = new GZipStream(File.Create(_folder.Path("a.csv.gz")), CompressionLevel.Fastest))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }
        _folder.Import(ImportFolder.Simple, [_folder.Path("a.csv.gz")]);
        Assert.That((_folder.Payments()[0].CardToken, _folder.Payments()[0].MerchantId), Is.EqualTo(("c,1", "the \"shop\"")));
    }

    [Test]
    public void Run_Parquet_ReadsTypesAsTheirTexts()
    {
        var file = _folder.WriteParquet("a.parquet", """
            SELECT 7 AS id, TIMESTAMP '2020-01-01 12:00:00.250' AS "time", 12.5::DOUBLE AS amount, 'c' AS card,
              9::BIGINT AS shop, true AS fraud
            UNION ALL SELECT 8, TIMESTAMP '2020-01-01 13:00:00', 1::DOUBLE, 'd', 9, NULL
            """);
        _folder.Import(ImportFolder.Simple, [file]);
        var payment = _folder.Payments()[0];
        Assert.That((payment.TransactionId, payment.Amount, payment.MerchantId), Is.EqualTo(("7", "12.50", "9")));
        Assert.That(payment.EventTime.ToDateTimeOffset(), Is.EqualTo(new DateTimeOffset(2020, 1, 1, 12, 0, 0, 250, TimeSpan.Zero)));
        Assert.That(_folder.Labels().Select(l => (l.TransactionId, l.Fraud)), Is.EqualTo(new[] { ("7", true) }));
    }

    [Test]
    public void Run_ParquetOfNumbersWithoutTheirTypes_IsReadExactly()
    {
        var mapping = ImportFolder.Simple.Replace("\"merchant\"", "\"merchant_category\": \"mcc\", \"account\": \"user\", \"merchant\"",
            StringComparison.Ordinal);
        var file = _folder.WriteParquet("a.parquet", """
            SELECT 1 AS id, 1 AS user, TIMESTAMP '2020-01-01' AS "time", 12.34::DECIMAL(38, 18) AS amount, 'c' AS card, 's' AS shop,
              true AS fraud, 5411::DOUBLE AS mcc
            UNION ALL SELECT 2, 12345::DOUBLE, TIMESTAMP '2020-01-02', 1200.5::DECIMAL(38, 18), 'd', 's', false, 742::DOUBLE
            """);
        _folder.Import(mapping, [file], mostInvalid: 0);
        Assert.That(_folder.Payments().Select(payment => (payment.Amount, payment.MerchantCategory, payment.AccountToken)),
            Is.EqualTo(new[] { ("12.34", "5411", "1"), ("1200.50", "0742", "12345") }));
    }

    [TestCase("4111111111111111::DOUBLE", "looks like a card number; set")]
    [TestCase("4111111111111111::BIGINT", "looks like a card number; set")]
    [TestCase("4111111111111111::DECIMAL(38, 2)", "looks like a card number; set")]
    [TestCase("4000000000000000006::DOUBLE", "looks like a card number that has lost digits")]
    [TestCase("4111111111111111::FLOAT", "looks like a card number that has lost digits")]
    public void Run_ParquetWithCardNumbersOfAnyType_IsRefused(string card, string expected)
    {
        var file = _folder.WriteParquet("a.parquet",
            $"""SELECT 'a' AS id, TIMESTAMP '2020-01-01' AS "time", 1 AS amount, {card} AS card, 's' AS shop, 0 AS fraud""");
        var summary = _folder.Import(ImportFolder.Simple, [file]);
        Assert.That((summary.Written, summary.Reasons.Single().Field), Is.EqualTo((default(WrittenLog), "payment.card_token")));
        Assert.That(summary.Reasons.Single().Message, Does.StartWith(expected));
    }

    [Test]
    public void Run_ParquetWithZones_NeedsNoneInTheMapping()
    {
        var mapping = ImportFolder.Simple.Replace("""{ "column": "time", "zone": "UTC" }""", "\"time\"", StringComparison.Ordinal);
        var file = _folder.WriteParquet("a.parquet",
            """SELECT 'a' AS id, TIMESTAMPTZ '2020-01-01 12:00:00+02' AS "time", '1' AS amount, 'c' AS card, 's' AS shop, '0' AS fraud""");
        _folder.Import(mapping, [file]);
        Assert.That(_folder.Payments()[0].EventTime.ToDateTimeOffset(),
            Is.EqualTo(new DateTimeOffset(2020, 1, 1, 10, 0, 0, TimeSpan.Zero)));
    }

    [Test]
    public void Run_ColumnsThatAreNotThere_NamesThemAllWithFileAndMapping()
    {
        var csv = _folder.Write("a.csv", "id,time,amount,card\n");
        var parquet = _folder.WriteParquet("b.parquet", "SELECT 1 AS id");
        var error = Assert.Throws<InvalidDataException>(() => _folder.Import(ImportFolder.Simple, [csv, parquet]))!;
        Assert.That(error.Message,
            Does.Contain("$.merchant: names the column 'shop'").And.Contain("$.label.column: names the column 'fraud'")
                .And.Contain(csv).And.Contain(parquet).And.Contain("'id', 'time', 'amount', 'card'"));
        Assert.That(Directory.GetFileSystemEntries(_folder.Root), Has.Length.EqualTo(2));
    }

    [Test]
    public void Run_FileThatIsNoParquet_SaysSo()
    {
        var file = _folder.Write("a.parquet", "no parquet");
        Assert.That(() => _folder.Import(ImportFolder.Simple, [file]),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("a.parquet"));
        Assert.That(Directory.GetFileSystemEntries(_folder.Root), Has.Length.EqualTo(1));
    }

    [TestCase(nameof(ImportStage.ScanFiles))]
    [TestCase(nameof(ImportStage.ReadRows))]
    [TestCase(nameof(ImportStage.FindRepeated))]
    [TestCase(nameof(ImportStage.WriteInOrder))]
    [TestCase(nameof(ImportStage.CheckQuality))]
    public void Run_CancelledAnywhere_LeavesNothingAndAnEarlierLogAsItWas(string stage)
    {
        var lines = string.Concat(Enumerable.Range(0, 25_000).Select(i => $"t{i},2020-01-01 00:00:00,1,c,s,0\n"));
        var file = _folder.Write("source.csv", ImportFolder.SimpleHeader + lines);
        _folder.Write("own.events", "earlier");
        using var cancellation = new CancellationTokenSource();
        var progress = new CancelAt(Enum.Parse<ImportStage>(stage), cancellation);
        Assert.That(
            () => _folder.Import(
                ImportFolder.Simple, [file], invalidRows: _folder.Path("invalid.csv"), progress: progress,
                cancellation: cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(File.ReadAllText(_folder.Log), Is.EqualTo("earlier"));
        // The list of bad rows is complete once all rows are read.
        Assert.That(Directory.GetFileSystemEntries(_folder.Root).Select(Path.GetFileName).Except(["invalid.csv"]),
            Is.EquivalentTo(new[] { "source.csv", "own.events" }));
    }

    [Test]
    public void Run_MoreRowsThanMemory_AllocatesPerRowAndKeepsNone()
    {
        const int rows = 200_000;
        using (var writer = new StreamWriter(_folder.Path("source.csv")))
        {
            writer.Write(ImportFolder.SimpleHeader);
            for (var i = 0; i < rows; i++)
            {
                var (day, second, fraud) = (1 + (i * 7 % 28), i % 60, i % 100 == 0 ? 1 : 0);
                writer.Write(FormattableString.Invariant(
                    $"t{i},2020-01-{day:00} 00:00:{second:00},{i % 90}.5,card-{i % 5000},shop-{i % 900},{fraud}\n"));
            }
        }
        var held = new HeldMemory();
        var summary = _folder.Import(ImportFolder.Simple, [_folder.Path("source.csv")], progress: held);
        Assert.That(summary.Written!.Payments, Is.EqualTo(rows));
        Assert.That(held.MostBytes, Is.LessThan(96L << 20), "managed memory that survives a collection must not grow with the rows");
        long last = 0;
        foreach (var record in EventLogReader.Read(_folder.Log))
        {
            var time = (record.Label?.LabelTime ?? record.Transaction.Payment.EventTime).Seconds;
            Assert.That(time, Is.GreaterThanOrEqualTo(last));
            last = time;
        }
    }

    [Test]
    public void Run_Twice_WritesTheSameBytes()
    {
        var lines = Enumerable.Range(0, 5000).Select(i => $"t{i},2020-01-01 00:00:{i % 60:00},1,c{i % 7},s,{i % 2}\n");
        var file = _folder.Write("source.csv", ImportFolder.SimpleHeader + string.Concat(lines));
        var first = _folder.Import(ImportFolder.Simple, [file]).Written!.Hash;
        Assert.That(_folder.Import(ImportFolder.Simple, [file]).Written!.Hash, Is.EqualTo(first));
    }

    private sealed class CancelAt(ImportStage stage, CancellationTokenSource cancellation) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value)
        {
            if (value.Stage == stage)
            {
                cancellation.Cancel();
            }
        }
    }

    private sealed class HeldMemory : IProgress<ImportProgress>
    {
        private readonly long _before = GC.GetTotalMemory(forceFullCollection: true);
        private int _calls;

        public long MostBytes { get; private set; }

        public void Report(ImportProgress value)
        {
            if (value.Stage == ImportStage.ReadRows && ++_calls % 5 == 0)
            {
                MostBytes = Math.Max(MostBytes, GC.GetTotalMemory(forceFullCollection: true) - _before);
            }
        }
    }
}
