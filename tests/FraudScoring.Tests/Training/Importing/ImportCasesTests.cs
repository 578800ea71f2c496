using System.Globalization;
using FraudScoring.Training.Importing;

namespace FraudScoring.Tests.Training.Importing;

/// <summary>Files as practitioners reported them to break such imports, each with what must become of it.</summary>
public sealed class ImportCasesTests
{
    private static readonly string Cases = Path.Combine(TestContext.CurrentContext.TestDirectory, "Training", "Importing", "Cases");

    private static readonly TimeRange Plausible = new(
        new DateTimeOffset(1995, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(),
        new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds());

    private ImportFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ImportFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("unclosed-quote/quote.csv", 1000, 999, "quote.csv line 501")]
    [TestCase("badly-quoted-line/first.csv", 1000, 999, "first.csv line 2")]
    [TestCase("badly-quoted-line/joes.csv", 1000, 999, "joes.csv line 501")]
    [TestCase("badly-quoted-line/spark.csv", 1000, 999, "spark.csv line 501")]
    [TestCase("blank-lines/b.csv", 3, 2, "b.csv line 6")]
    [TestCase("blank-lines/middle.csv", 1000, 998, "middle.csv line 503")]
    [TestCase("mixed-line-ends/allcrlf.csv", 1000, 1000, "")]
    [TestCase("mixed-line-ends/crcrlf.csv", 1000, 1000, "")]
    [TestCase("mixed-line-ends/half.csv", 1000, 1000, "")]
    [TestCase("mixed-line-ends/onecrlf.csv", 1000, 1000, "")]
    [TestCase("not-utf8/bom8.csv", 1000, 1000, "")]
    [TestCase("not-utf8/latin1.csv", 1000, 1000, "")]
    [TestCase("not-utf8/utf16.csv", 1000, 1000, "")]
    [TestCase("card-number-as-float/plain.csv", 1000, 0, "plain.csv line 2")]
    [TestCase("card-number-as-float/dotzero.csv", 1000, 0, "dotzero.csv line 2")]
    [TestCase("card-number-as-float/sci.csv", 1000, 0, "sci.csv line 2")]
    [TestCase("card-number-as-float/dbl.parquet", 1000, 0, "dbl.parquet row 1")]
    [TestCase("mcc-numbers/mcc.csv", 1000, 1000, "")]
    [TestCase("mcc-numbers/dbl.parquet", 1000, 1000, "")]
    [TestCase("mcc-numbers/int.parquet", 1000, 1000, "")]
    [TestCase("trailing-zeros/dec.parquet", 1000, 1000, "")]
    [TestCase("parquet-folder/tx.parquet", 1000, 1000, "")]
    [TestCase("decimal-comma/comma.csv", 1000, 0, "comma.csv line 2")]
    public void Import_Case_LosesNoOtherRow(string path, int rows, int payments, string example)
    {
        var summary = Import(path, "m.json");
        Assert.That((summary.Rows, Payments(summary)), Is.EqualTo((rows, payments)));
        Assert.That(summary.InvalidRows, Is.EqualTo(rows - payments));
        Assert.That(summary.Reasons.SelectMany(reason => reason.Examples).Take(1), Is.EqualTo(example.Length == 0 ? [] : new[] { example }));
    }

    [Test]
    public void Import_StrayQuoteInALargeFile_CostsItsOwnLine()
    {
        var file = _folder.Path("source.csv");
        using (var writer = new StreamWriter(file))
        {
            writer.Write(ImportFolder.SimpleHeader);
            for (var i = 1; i <= 200_000; i++)
            {
                var shop = i == 100_000 ? "\"Joe" : "shop";
                writer.Write(string.Create(CultureInfo.InvariantCulture, $"{i},2018-04-01 00:{i % 60:00}:00,12.34,card-{i % 500},{shop},0\n"));
            }
        }
        var summary = _folder.Import(ImportFolder.Simple, [file]);
        Assert.That((summary.Rows, summary.InvalidRows, summary.Written!.Payments), Is.EqualTo((200_000, 1, 199_999)));
        Assert.That(summary.Reasons.Single().Examples, Is.EqualTo(new[] { "source.csv line 100001" }));
    }

    [TestCase("ms.csv", "s.json", "milliseconds: use the format unix_ms")]
    [TestCase("mixed.csv", "s.json", "milliseconds: use the format unix_ms")]
    [TestCase("sec.csv", "ms.json", "seconds: use the format unix")]
    public void Import_TimesInAnotherUnit_AreInvalidAndNameIt(string file, string mapping, string unit)
    {
        var summary = Import($"unix-ms-as-seconds/{file}", mapping);
        Assert.That(summary.InvalidRows, Is.EqualTo(file == "mixed.csv" ? 500 : 1000).Within(1));
        Assert.That(summary.Reasons.Single(reason => reason.Field == "payment.event_time").Message, Does.Contain(unit));
    }

    [Test]
    public void Import_DecimalCommas_AreReadWithTheOptionAndNamedWithoutIt()
    {
        Assert.That(Import("decimal-comma/comma.csv", "m.json").Reasons.Single().Message, Does.Contain("\"decimal\""));
        Assert.That(Import("decimal-comma/few.csv", "m.json").Refusal, Does.Contain("three digits after a point"));
        Assert.That(Import("decimal-comma/few.csv", "round.json").Written, Is.Null);
        var mapping = Mapping("decimal-comma", "m.json").Replace("\"delimiter\"", "\"decimal\": \",\", \"delimiter\"", StringComparison.Ordinal);
        Assert.That(Payments(_folder.Import(mapping, [Path.Combine(Cases, "decimal-comma", "comma.csv")])), Is.EqualTo(1000));
        Assert.That(_folder.Payments().Select(payment => payment.Amount), Is.All.EqualTo("12.34"));
    }

    [Test]
    public void Import_TabFormer_JoinsColumnsAndLeavesRefundsOut()
    {
        const string mapping = """
            {
              "event_time": { "expression": "Year + '-' + Month + '-' + Day + ' ' + Time", "zone": "America/Chicago" },
              "amount": "Amount", "currency": { "constant": "USD" },
              "card": { "expression": "User + '-' + Card" },
              "merchant": "Merchant Name", "merchant_category": "MCC",
              "channel": { "column": "Use Chip", "values": { "Chip Transaction": "card_present", "Swipe Transaction": "card_present",
                "Online Transaction": "ecommerce" } },
              "label": { "column": "Is Fraud?", "delay": "7d" }
            }
            """;
        var summary = _folder.Import(mapping, [Path.Combine(Cases, "tabformer", "tab.csv")], mostInvalid: 0);
        Assert.That((summary.Rows, summary.InvalidRows, summary.Refunds + Payments(summary)), Is.EqualTo((1000, 0, 1000)));
        Assert.That(summary.Refunds, Is.Positive);
        var first = _folder.Payments()[0];
        Assert.That((first.CardToken, first.Amount, first.MerchantCategory), Is.EqualTo(("1-1", "41.50", "5411")));
        Assert.That(first.EventTime.ToDateTimeOffset(), Is.EqualTo(new DateTimeOffset(2019, 1, 1, 7, 1, 0, TimeSpan.Zero)));
    }

    [Test]
    public void Import_Latin1_ReportsTheEncodingThatWasGuessed()
    {
        Assert.That(Import("not-utf8/latin1.csv", "m.json").Notes, Has.Some.Contains("is not UTF-8 and was read as windows-1252"));
        Assert.That(_folder.Payments().Select(payment => payment.MerchantId), Has.Some.Contains("é"));
    }

    private static long Payments(ImportSummary summary) => summary.Written?.Payments ?? 0;

    private static string Mapping(string folder, string name) => File.ReadAllText(Path.Combine(Cases, folder, name));

    private ImportSummary Import(string path, string mapping) =>
        _folder.Import(Mapping(Path.GetDirectoryName(path)!, mapping), [Path.Combine(Cases, path)], times: Plausible);
}
