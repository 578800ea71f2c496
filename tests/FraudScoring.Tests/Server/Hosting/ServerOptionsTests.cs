using FraudScoring.Server.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FraudScoring.Tests.Server.Hosting;

public sealed class ServerOptionsTests
{
    [Test]
    public void Bind_Nothing_GivesTheDefaults() => Assert.That(Bind().Scoring.ModelsFolder, Is.Empty);

    [Test]
    public void Bind_FaultsOfSeveralSections_AreNamedTogether()
    {
        var error = Assert.Throws<StartFaultsException>(() => Bind(
            ("Listen:GrpcPort", "70000"), ("Models:RequireSignature", "true"), ("Models:TrustedKeys", ""), (
                "Redis:Configuration", "redis:6379,nonsense=1"),
            ("Redis:EntityHashSecret", "a secret of the tests")));
        Assert.That(error!.Message, Does.Contain("3 faults.").And.Contain("Listen:GrpcPort: ").And.Contain("Models:TrustedKeys: ")
            .And.Contain("Redis:Configuration: is not a configuration string of StackExchange.Redis"));
        Assert.That(error.ToString(), Is.EqualTo(error.Message), "a stack trace would hide the faults in the log");
    }

    [Test]
    public void Bind_FoldersAndKeysThatDoNotExist_AreNoFaultsYet() => Assert.That(
        () => Bind(("Scoring:ModelsFolder", "/no/such"), ("Models:TrustedKeys", "/no/such.pem"), ("Models:UserModelsFolder", "/nor/this"),
            ("Inference:Device", "Cuda")),
        Throws.Nothing);

    [TestCase("999.1", "50051", "8080", "Listen:Address")]
    [TestCase("fade", "50051", "8080", "Listen:Address")]
    [TestCase("localhost", "0", "8080", "Listen:GrpcPort")]
    [TestCase("localhost", "50051", "0", "Listen:HttpPort")]
    [TestCase("127.0.0.1", "8080", "8080", "Listen:HttpPort")]
    public void Bind_AddressAndPortsThatCannotBeBound_AreFaults(string address, string grpc, string http, string option)
    {
        var error = Assert.Throws<StartFaultsException>(
            () => Bind(("Listen:Address", address), ("Listen:GrpcPort", grpc), ("Listen:HttpPort", http)));
        Assert.That(error!.Message, Does.Contain("1 fault.").And.Contain($"  {option}: "));
    }

    [TestCase("""{"Kafka":{"BootstrapServers":["a:1","b:1"]}}""", "Kafka:BootstrapServers: is a list or an object; set a single value")]
    [TestCase("""{"Listen":{"GrpcPort":{"x":1}}}""", "Listen:GrpcPort: is a list or an object; set a single value")]
    [TestCase("""{"Redis":{"Configuration":null}}""", "Redis:Configuration: is null; omit the option to use its default")]
    [TestCase("""{"Listen":{"HttpPort":null}}""", "Listen:HttpPort: is null; omit the option to use its default")]
    [TestCase("""{"Listen":"5"}""", "Listen: is a section and has no value of its own; set its options, such as Listen:Address")]
    [TestCase("""{"Listen":{"GrpcPort":70000}}""", "Listen:GrpcPort: must be between 0 and 65535; it is 70000")]
    [TestCase("""{"Telemetry":{"SampleRatio":1.5}}""", "Telemetry:SampleRatio: must be between 0 and 1; it is 1.5")]
    [TestCase("""{"Streams":{"EarliestEventTime":"2000-13-01T00:00:00Z"}}""", "Streams:EarliestEventTime: must be a time from 1970 on")]
    [TestCase("""{"Streams":{"EarliestEventTime":"1969-12-31T23:59:59Z"}}""", "Streams:EarliestEventTime: must be a time from 1970 on")]
    [TestCase("""{"Kafka":{"GroupId":""}}""", "Kafka:GroupId: must be set")]
    [TestCase("""{"Kafka":{"Compression":99}}""", "Kafka:Compression: must be one of None, Gzip, Snappy, Lz4, Zstd")]
    [TestCase("""{"Redis":{"KeyPrefix":"a b"}}""", "Redis:KeyPrefix: must be 1 to 32 letters, digits, underscores or hyphens")]
    [TestCase("""{"Kafka":{"SecurityProtocol":"SaslSsl"}}""", "Kafka:SaslUsername: must be set when Kafka:SecurityProtocol is SaslSsl")]
    [TestCase("""{"Telemetry":{"SampleRatio":"abc"}}""", "Telemetry:SampleRatio: is not a number")]
    [TestCase("""{"Logging":{"LogLevel":{"Default":"Bogus"}}}""", "Logging:LogLevel:Default: is not one of Trace, Debug, ")]
    [TestCase("""{"Logging":{"Console":{"LogLevel":{"Grpc":"Loud"}}}}""", "Logging:Console:LogLevel:Grpc: is not one of Trace, Debug, ")]
    [TestCase("""{"Redis":{"Configuration":",,,","EntityHashSecret":"a secret of the tests"}}""",
        "Redis:Configuration: names no server; use host:port")]
    [TestCase("""{"Redis":{"Configuration":"redis://r:6379","EntityHashSecret":"a secret of the tests"}}""",
        "Redis:Configuration: contains a URL scheme")]
    [TestCase("""{"Kafka":{"BootstrapServers":"a:9092,b:99999"}}""", "Kafka:BootstrapServers: contains a port outside 1 to 65535")]
    [TestCase("""{"Kafka":{"SecurityProtocol":"Ssl"}}""", "Kafka:BootstrapServers: must be set when Kafka:SecurityProtocol is Ssl")]
    [TestCase("""{"Kafka":{"LabelsTopic":"payments.transactions"}}""", "Kafka: uses topic payments.transactions more than once")]
    [TestCase("""{"Kafka":{"DecisionsTopic":"fraud.labels.dead-letter"}}""", "Kafka: uses topic fraud.labels.dead-letter more than once")]
    public void Bind_InvalidValue_IsAFault(string json, string fault)
    {
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json));
        var error = Assert.Throws<StartFaultsException>(() => ServerOptions.Bind(new ConfigurationBuilder().AddJsonStream(stream).Build()));
        Assert.That(error!.Message, Does.Contain("  " + fault));
    }

    [Test]
    public void Bind_OptionThatMayBeNull_AcceptsNull()
    {
        using var stream = new MemoryStream("""{"Kafka":{"SslCaLocation":null,"SaslUsername":null}}"""u8.ToArray());
        Assert.That(() => ServerOptions.Bind(new ConfigurationBuilder().AddJsonStream(stream).Build()), Throws.Nothing);
    }

    [Test]
    public void Bind_SectionOfTheCommandLineThatDoesNotExist_IsAFault_TogetherWithOthers()
    {
        var error = Assert.Throws<StartFaultsException>(() => ServerOptions.Bind(
            new ConfigurationBuilder()
                .AddCommandLine(["--Modles:PollSeconds=1", "--Listen:GrpcPort=70000", "--logging:loglevel:default=warning"]).Build()));
        Assert.That(error!.Message, Does.Contain("2 faults.").And.Contain("  Modles: is not a section; sections are Listen, Scoring, "));
    }

    [Test]
    public void Bind_SectionOfAFileThatDoesNotExist_IsAFault()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, """{"Lisen":{"GrpcPort":1}}""");
            var error = Assert.Throws<StartFaultsException>(() => ServerOptions.Bind(new ConfigurationBuilder().AddJsonFile(file).Build()));
            Assert.That(error!.Message, Does.Contain("  Lisen: is not a section"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [TestCase("127.0.0.1")]
    [TestCase("::")]
    [TestCase("*")]
    public void Bind_FreePorts_AreAccepted(string address) =>
        Assert.That(() => Bind(("Listen:Address", address), ("Listen:GrpcPort", "0"), ("Listen:HttpPort", "0")), Throws.Nothing);

    [TestCaseSource(nameof(OddSettings))]
    public async Task Build_OptionWithAnOddValue_IsAcceptedOrRefused_AndNeverCrashes(string option)
    {
        foreach (var value in new[] { "", " ", "-1", "0", "1", "65536", "2147483648", "NaN", "x", "é", "true", "a,b;c=d", "http://", ":0",
            "\0" })
        {
            var error = await ErrorAsync(option, value);
            Assert.That(error, Is.Null.Or.InstanceOf<StartFaultsException>().With.Message.Contains("  "), $"{option}={value}: {error}");
        }
    }

    private static IEnumerable<string> OddSettings() => FrozenContracts.OptionDefaults().Select(option => option.Name);

    private static async Task<Exception?> ErrorAsync(string option, string value)
    {
        try
        {
            // Every watched file uses an inotify instance, and the number per user is limited.
            await using var app = Wiring.Build(
                ["--hostBuilder:reloadConfigOnChange=false"], new Dictionary<string, string?> { [option] = value });
            // The web server and the start sequence read their options when they are created.
            _ = app.Services.GetServices<IHostedService>().ToArray();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private static ServerOptions Bind(params (string Key, string Value)[] settings) => ServerOptions.Bind(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value))
            .Build());
}
