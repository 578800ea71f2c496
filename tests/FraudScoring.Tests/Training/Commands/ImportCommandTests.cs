using System.CommandLine;
using System.Text.Json;
using System.Xml.Linq;
using FraudScoring.Tests.Training.Importing;
using FraudScoring.Training.Commands;
using FraudScoring.Training.Datasets;
using FraudScoring.V1;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace FraudScoring.Tests.Training.Commands;

public sealed class ImportCommandTests
{
    private const string SparkovHeader =
        ",trans_date_trans_time,cc_num,merchant,category,amt,first,last,gender,street,city,state,zip,lat,long,city_pop,job,dob,"
        + "trans_num,unix_time,merch_lat,merch_long,is_fraud\n";

    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));

    private ImportFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new ImportFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task Import_HandbooksColumnsOneFileADay_WritesTheLogAndItsQualityReport()
    {
        const string header = "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_TIME_SECONDS,TX_TIME_DAYS,"
            + "TX_FRAUD,TX_FRAUD_SCENARIO\n";
        _folder.Write("2018-04-02.csv", header + "2,2018-04-02 00:00:10,596,3156,285.79999999999995,86410,1,1,3\n");
        _folder.WriteParquet("2018-04-01.parquet", """
            SELECT 0::BIGINT AS TRANSACTION_ID, TIMESTAMP '2018-04-01 00:00:31' AS TX_DATETIME, '596' AS CUSTOMER_ID,
              '3156' AS TERMINAL_ID, 57.16::DOUBLE AS TX_AMOUNT, '31' AS TX_TIME_SECONDS, '0' AS TX_TIME_DAYS, 0::BIGINT AS TX_FRAUD,
              0::BIGINT AS TX_FRAUD_SCENARIO
            UNION ALL SELECT 1, TIMESTAMP '2018-04-01 00:02:10', '4961', '3412', 0.0, '130', '0', 0, 0
            """);
        var (code, output, error) = await RunAsync("--in", _folder.Path("2018-*"), "--map", Mapping("handbook.json"), "--out", _folder.Log);
        Assert.That(code, Is.Zero, error);
        Assert.That(output, Does.Contain($"SHA-256 {EventLogReader.Hash(_folder.Log)}")
            .And.Contain("3 rows: 3 payments, 3 labels (1 of them fraud); 0 invalid rows skipped"));
        Assert.That(_folder.Payments().Select(p => (p.TransactionId, p.CardToken, p.MerchantId, p.Amount)), Is.EqualTo(new[]
        {
            ("0", "customer-596", "terminal-3156", "57.16"), ("1", "customer-4961", "terminal-3412", "0.00"),
            ("2", "customer-596", "terminal-3156", "285.80"),
        }));
        Assert.That(_folder.Labels().Select(l => (l.TransactionId, l.Fraud, Days: (l.LabelTime - l.EventTime).Seconds / 86_400.0)),
            Is.EqualTo(new[] { ("0", false, 7.0), ("1", false, 7.0), ("2", true, 7.0) }));
        using var quality = JsonDocument.Parse(File.ReadAllText(_folder.Log + ".quality.json"));
        Assert.That(quality.RootElement.GetProperty("payments").GetInt32(), Is.EqualTo(3));
        Assert.That(quality.RootElement.GetProperty("label_delay_hours").GetProperty("median").GetDouble(), Is.EqualTo(168));
        var page = XDocument.Parse(File.ReadAllText(_folder.Log + ".quality.html"));
        Assert.That(page.Descendants("h1").Single().Value, Is.EqualTo($"Data quality: {Path.GetFileName(_folder.Log)}"));
        Assert.That(page.Descendants("li").First().Value, Does.Contain("payments labelled fraud: 1").IgnoreCase);
        Assert.That(page.Descendants("section").Select(section => section.Value), Has.Some.Contains("All 3 rows are valid."));
    }

    [Test]
    public async Task Import_SparkovsColumns_HashesCardsAndTakesPlacesAndCategories()
    {
        var file = _folder.Write("fraudTrain.csv", SparkovHeader
            + "0,2019-01-01 00:00:18,2703186189652095,\"fraud_Rippin, Kub and Mann\",misc_net,4.97,A,B,F,1 Street,Town,NC,28654,36.0788,"
            + "-81.1781,3495,Job,1988-03-09,0b242abb623afc578575680df30655b9,1325376018,36.011293,-82.048315,0\n"
            + "1,2019-01-01 00:00:44,630423337322,\"fraud_Heller\",grocery_pos,107.23,C,D,M,2 Road,City,WA,99160,48.8878,-118.2105,149,"
            + "Job,1978-06-21,1f76529f8574734946361c461b024d99,1325376044,49.159047,-118.186462,1\n");
        var key = _folder.Write("key", "a secret of sixteen bytes or more");
        var (code, output, error) = await RunAsync("--in", file, "--map", Mapping("sparkov.json"), "--out", _folder.Log, "--hash-key", key);
        Assert.That(code, Is.Zero, error);
        Assert.That(output, Does.Not.Contain("without a key"));
        var (first, second) = (_folder.Payments()[0], _folder.Payments()[1]);
        Assert.Multiple(() =>
        {
            Assert.That((first.MerchantId, first.MerchantCategory, first.Channel),
                Is.EqualTo(("Rippin, Kub and Mann", "5399", Channel.Ecommerce)));
            Assert.That((second.MerchantCategory, second.Channel, second.Amount, second.Currency),
                Is.EqualTo(("5411", Channel.CardPresent, "107.23", "USD")));
            Assert.That((second.Location.Latitude, second.Location.Longitude), Is.EqualTo((49.159047, -118.186462)));
            Assert.That(second.Attributes["home_latitude"].Number, Is.EqualTo(48.8878));
            Assert.That(second.Attributes["gender"].Text, Is.EqualTo("M"));
            Assert.That(first.CardToken, Has.Length.EqualTo(32).And.Not.EqualTo(second.CardToken));
        });
        Assert.That(File.ReadAllText(_folder.Log), Does.Not.Contain("2703186189652095"));
    }

    [Test]
    public async Task Import_HashWithoutKey_IsRefusedUnlessAllowed()
    {
        var file = _folder.Write("a.csv", SparkovHeader
            + "0,2019-01-01 00:00:18,2703186189652095,m,misc_net,4.97,A,B,F,s,Town,NC,28654,36.0788,-81.1781,3495,Job,1988-03-09,x,"
            + "1325376018,36.011293,-82.048315,0\n");
        var (code, _, error) = await RunAsync("--in", file, "--map", Mapping("sparkov.json"), "--out", _folder.Log);
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(error, Does.Contain("--hash-key").And.Contain("--allow-plain-hash"));
        Assert.That(Directory.GetFileSystemEntries(_folder.Root), Has.Length.EqualTo(1));
        (code, var output, _) = await RunAsync(
            "--in", file, "--map", Mapping("sparkov.json"), "--out", _folder.Log, "--allow-plain-hash");
        Assert.That((code, output.Contains("without a key", StringComparison.Ordinal)), Is.EqualTo((0, true)));
    }

    [Test]
    public async Task Import_MillisecondsReadAsSeconds_FailsAndNamesTheUnit()
    {
        var map = _folder.Write("map.json", ImportFolder.Simple.Replace("\"zone\": \"UTC\"", "\"format\": \"unix\"", StringComparison.Ordinal));
        var file = _folder.Write("a.csv", ImportFolder.SimpleHeader + "a,1522544431,1,c,s,0\nb,1522548031000,1,c,s,0\n");
        var (code, output, error) = await RunAsync("--in", file, "--map", map, "--out", _folder.Log);
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(output, Does.Contain("the number looks like milliseconds: use the format unix_ms"));
        Assert.That(error, Does.Contain("1 of 2 rows are invalid"));
    }

    [TestCase("2026-11-30 23:59:59", true)]
    [TestCase("2026-12-02 00:00:01", false)]
    [TestCase("1994-12-31 23:59:59", false)]
    [TestCase("1995-01-01 00:00:00", true)]
    [TestCase("1990-01-01 00:00:00", true, "--not-before", "1990-01-01")]
    [TestCase("2030-12-31 23:59:59", true, "--not-after", "2030-12-31")]
    [TestCase("2031-01-01 00:00:00", false, "--not-after", "2030-12-31")]
    public async Task Import_TimeOutsideTheRange_IsInvalid(string time, bool isValid, params string[] options)
    {
        var map = _folder.Write("map.json", ImportFolder.Simple);
        var file = _folder.Write("a.csv", ImportFolder.SimpleHeader + $"a,{time},1,c,s,0\n");
        var (code, _, error) = await RunAsync(["--in", file, "--map", map, "--out", _folder.Log, .. options]);
        Assert.That(code, Is.EqualTo(isValid ? ExitCode.Success : ExitCode.Failure), error);
    }

    [Test]
    public async Task Import_FaultyRange_IsAnOptionFault()
    {
        var (code, _, error) = await RunAsync(
            "--in", "a", "--map", "b", "--out", "c", "--not-before", "2020-01-01", "--not-after", "2019-01-01");
        Assert.That((code, error.Contains("--not-after", StringComparison.Ordinal)), Is.EqualTo((ExitCode.InvalidOptions, true)));
        (code, _, error) = await RunAsync("--in", "a", "--map", "b", "--out", "c", "--not-before", "yesterday", "--not-after", "tomorrow");
        Assert.That(code, Is.EqualTo(ExitCode.InvalidOptions));
        Assert.That(error, Does.Contain("--not-before").And.Contain("--not-after"));
    }

    [Test]
    public async Task Import_CurrencyWithoutRate_IsImportedWithAWarning()
    {
        var map = _folder.Write("map.json",
            ImportFolder.Simple.Replace("{ \"constant\": \"EUR\" }", "\"cur\"", StringComparison.Ordinal));
        var file = _folder.Write("a.csv", "id,time,amount,card,shop,fraud,cur\na,2020-01-01 00:00:00,1,c,s,0,EUR\n"
            + "b,2020-01-01 00:00:00,1,c,s,0,THB\nc,2020-01-01 00:00:00,1,c,s,1,XCG\nd,2020-01-01 00:00:00,1,c,s,1,THB\n");
        var rates = _folder.Write("rates.json", "{\"reference_currency\": \"EUR\", \"rates\": {\"XCG\": {\"2025-01-01\": 0.5}}}");
        var (code, output, error) = await RunAsync("--in", file, "--map", map, "--out", _folder.Log, "--rates", rates);
        Assert.That(code, Is.Zero, error);
        Assert.That(output, Does.Contain("payments in currencies without an exchange rate at their time: THB 2, XCG 1;"));
        using var quality = JsonDocument.Parse(File.ReadAllText(_folder.Log + ".quality.json"));
        Assert.That(quality.RootElement.GetProperty("payments_without_rate").GetProperty("THB").GetInt32(), Is.EqualTo(2));
        (code, _, error) = await RunAsync("--in", file, "--map", map, "--out", _folder.Log, "--rates", _folder.Path("none.json"));
        Assert.That((code, error.Contains("none.json", StringComparison.Ordinal)), Is.EqualTo((ExitCode.Failure, true)));
    }

    [Test]
    public async Task Import_OnlyRefunds_NamesTheOptionForDebits()
    {
        var file = _folder.Write("a.csv", ImportFolder.SimpleHeader + "a,2020-01-01 00:00:00,-1,c,s,0\nb,2020-01-01 00:00:00,-2,c,s,0\n");
        var (code, _, error) = await RunAsync("--in", file, "--map", _folder.Write("map.json", ImportFolder.Simple), "--out", _folder.Log);
        Assert.That((code, error.Contains("\"negative\": \"payment\"", StringComparison.Ordinal)), Is.EqualTo((ExitCode.Failure, true)), error);
        var map = _folder.Write("map.json", ImportFolder.Simple.Replace("\"amount\": \"amount\"",
            "\"amount\": { \"column\": \"amount\", \"negative\": \"payment\" }", StringComparison.Ordinal));
        (code, _, error) = await RunAsync("--in", file, "--map", map, "--out", _folder.Log);
        Assert.That(code, Is.Zero, error);
        Assert.That(_folder.Payments().Select(payment => payment.Amount), Is.EqualTo(new[] { "1.00", "2.00" }));
    }

    [Test]
    public async Task Import_TooManyInvalidRows_FailsWithTheReasons()
    {
        var file = _folder.Write("a.csv", ImportFolder.SimpleHeader + "a,2020-01-01 00:00:00,x,c,s,0\nb,2020-01-01 00:00:00,1,c,s,0\n");
        var map = _folder.Write("map.json", ImportFolder.Simple);
        var (code, output, error) = await RunAsync(
            "--in", file, "--map", map, "--out", _folder.Log, "--invalid-rows", _folder.Path("invalid.csv"));
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(output, Does.Contain("is not a plain decimal number").And.Contain("a.csv line 2"));
        Assert.That(error, Does.Contain("1 of 2 rows are invalid").And.Contain("--max-invalid-share 0.01"));
        Assert.That(Directory.GetFiles(_folder.Root).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "a.csv", "map.json", "invalid.csv" }));
    }

    [Test]
    public async Task Import_FaultyMappingOrOptions_NamesAllFaultsAndWritesNothing()
    {
        var file = _folder.Write("a.csv", ImportFolder.SimpleHeader);
        var map = _folder.Write("map.json", "{\"card\": 1, \"colour\": \"x\"}");
        var (code, _, error) = await RunAsync("--in", file, "--map", map, "--out", _folder.Log);
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(error, Does.Contain("$.card").And.Contain("$.colour").And.Contain("map.json"));
        (code, _, error) = await RunAsync("--in", file, "--map", "x", "--out", _folder.Log, "--max-invalid-share", "2", "--memory", "1");
        Assert.That(code, Is.EqualTo(ExitCode.InvalidOptions));
        Assert.That(error, Does.Contain("--max-invalid-share").And.Contain("--memory"));
        (code, _, error) = await RunAsync("--in", _folder.Path("none-*.csv"), _folder.Path("x.csv"),
            "--map", _folder.Write("m.json", ImportFolder.Simple), "--out", _folder.Log);
        Assert.That((code, error.Contains("none-*.csv", StringComparison.Ordinal), error.Contains("x.csv", StringComparison.Ordinal)),
            Is.EqualTo((ExitCode.Failure, true, true)));
        (code, _, error) = await RunAsync("--in", file, "--map", _folder.Path("m.json"), "--out", _folder.Path("no/own.events"));
        Assert.That((code, error.Contains("does not exist", StringComparison.Ordinal)), Is.EqualTo((ExitCode.Failure, true)));
        (code, _, error) = await RunAsync("--in", file, "--map", _folder.Path("m.json"), "--out", _folder.Log);
        Assert.That((code, error.Contains("the files contain no rows", StringComparison.Ordinal)), Is.EqualTo((ExitCode.Failure, true)), error);
        Assert.That(Directory.GetFileSystemEntries(_folder.Root), Has.Length.EqualTo(3));
    }

    [Test]
    public async Task Import_DryRun_ReportsAndWritesNothing()
    {
        var file = _folder.Write("a.csv", ImportFolder.SimpleHeader + "a,2020-01-01 00:00:00,1,c,s,0\n");
        var map = _folder.Write("map.json", ImportFolder.Simple);
        var (code, output, error) = await RunAsync("--in", file, "--map", map, "--dry-run");
        Assert.That(code, Is.Zero, error);
        Assert.That(output, Does.Contain("1 rows: 1 payments").And.Contain("Dry run: no event log was written."));
        await RunAsync("--in", file, "--map", map, "--dry-run", "--out", _folder.Log);
        Assert.That(Directory.GetFileSystemEntries(_folder.Root), Has.Length.EqualTo(2));
        (code, _, error) = await RunAsync("--in", file, "--map", map);
        Assert.That((code, error.Contains("--out is required", StringComparison.Ordinal)), Is.EqualTo((ExitCode.InvalidOptions, true)));
    }

    [Test]
    public async Task Import_OutputsThatAreInputs_AreRefusedTogether()
    {
        var file = _folder.Write("a.csv", ImportFolder.SimpleHeader + "a,2020-01-01 00:00:00,1,c,s,0\n");
        var map = _folder.Write("map.json", ImportFolder.Simple);
        File.CreateSymbolicLink(_folder.Path("link.csv"), file);
        var (code, _, error) = await RunAsync("--in", file, "--map", map, "--out", _folder.Path("link.csv"), "--invalid-rows", map);
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(error, Does.Contain("--out: would write").And.Contain("which is an input").And.Contain("--invalid-rows: would write")
            .And.Contain("which is the mapping"));
        Assert.That((File.ReadAllText(map), File.ReadAllLines(file).Length), Is.EqualTo((ImportFolder.Simple, 2)));
    }

    [Test]
    public async Task Guess_File_WritesAMappingOnceAndPrintsTheNextStep()
    {
        var file = _folder.Write("own.csv", "id,tx_time,amount,card,is_fraud\n1,2024-01-05T10:00:00Z,12.50,c1,0\n2,2024-01-06T10:00:00Z,3.10,c2,1\n");
        var (code, output, error) = await RunAsync("--guess", file);
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(output, Does.Contain("not placed").Or.Contain("to decide"));
        Assert.That(output, Does.Contain($"import --in '{file}' --map '{file}.mapping.json' --dry-run"));
        var mapping = await File.ReadAllTextAsync($"{file}.mapping.json");
        Assert.That(mapping, Does.Contain("\"event_time\": \"tx_time\""));
        (code, _, error) = await RunAsync("--guess", file);
        Assert.That((code, error.Contains("exists", StringComparison.Ordinal)), Is.EqualTo((ExitCode.Failure, true)));
        Assert.That(await File.ReadAllTextAsync($"{file}.mapping.json"), Is.EqualTo(mapping));
        (code, _, error) = await RunAsync("--guess", file, "--in", file, "--out", _folder.Log);
        Assert.That((code, error.Contains("--guess only writes a mapping", StringComparison.Ordinal)), Is.EqualTo((ExitCode.InvalidOptions, true)));
        (code, _, error) = await RunAsync();
        Assert.That(code, Is.EqualTo(ExitCode.InvalidOptions));
        Assert.That(error, Does.Contain("--in is required").And.Contain("--map is required").And.Contain("--out is required"));
    }

    private static string Mapping(string name) => RepositoryFiles.Path("src", "FraudScoring.Training", "Mappings", name);

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 300;
        var root = new RootCommand { ImportCommand.Create(console, Clock) };
        var code = await root.Parse(["import", .. arguments]).InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
