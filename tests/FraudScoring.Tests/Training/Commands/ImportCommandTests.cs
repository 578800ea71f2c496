using System.CommandLine;
using System.Text.Json;
using FraudScoring.Tests.Training.Importing;
using FraudScoring.Training.Commands;
using FraudScoring.Training.Datasets;
using FraudScoring.V1;
using Spectre.Console;

namespace FraudScoring.Tests.Training.Commands;

public sealed class ImportCommandTests
{
    private const string SparkovHeader =
        ",trans_date_trans_time,cc_num,merchant,category,amt,first,last,gender,street,city,state,zip,lat,long,city_pop,job,dob,"
        + "trans_num,unix_time,merch_lat,merch_long,is_fraud\n";

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
    public async Task Import_HashWithoutKey_Warns()
    {
        var file = _folder.Write("a.csv", SparkovHeader
            + "0,2019-01-01 00:00:18,2703186189652095,m,misc_net,4.97,A,B,F,s,Town,NC,28654,36.0788,-81.1781,3495,Job,1988-03-09,x,"
            + "1325376018,36.011293,-82.048315,0\n");
        var (code, output, _) = await RunAsync("--in", file, "--map", Mapping("sparkov.json"), "--out", _folder.Log);
        Assert.That((code, output.Contains("without a key", StringComparison.Ordinal)), Is.EqualTo((0, true)));
    }

    [Test]
    public async Task Import_TooManyInvalidRows_FailsWithTheReasons()
    {
        var file = _folder.Write("a.csv", ImportFolder.SimpleHeader + "a,2020-01-01 00:00:00,-1,c,s,0\nb,2020-01-01 00:00:00,1,c,s,0\n");
        var map = _folder.Write("map.json", ImportFolder.Simple);
        var (code, output, error) = await RunAsync(
            "--in", file, "--map", map, "--out", _folder.Log, "--invalid-rows", _folder.Path("invalid.csv"));
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(output, Does.Contain("is negative").And.Contain("a.csv row 1"));
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

    private static string Mapping(string name) => RepositoryFiles.Path("src", "FraudScoring.Training", "Mappings", name);

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 300;
        var root = new RootCommand { ImportCommand.Create(console, TimeProvider.System) };
        var code = await root.Parse(["import", .. arguments]).InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
