using System.Text.Json;
using System.Text.RegularExpressions;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Admission;
using FraudScoring.Server.Api;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Embedded;
using FraudScoring.Server.Features;
using FraudScoring.Server.Hosting;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Scoring;
using FraudScoring.Server.Spool;
using FraudScoring.Server.Streams;
using Microsoft.Extensions.Configuration;

namespace FraudScoring.IntegrationTests.Helm;

/// <summary>The chart's values match the service's options.</summary>
public sealed partial class ChartOptionsTests
{
    private static readonly Dictionary<string, Type> Sections = new()
    {
        [ListenOptions.Section] = typeof(ListenOptions),
        [ScoringOptions.Section] = typeof(ScoringOptions),
        [ModelsOptions.Section] = typeof(ModelsOptions),
        [InferenceOptions.Section] = typeof(InferenceOptions),
        [ServingOptions.Section] = typeof(ServingOptions),
        [RedisOptions.Section] = typeof(RedisOptions),
        [KafkaOptions.Section] = typeof(KafkaOptions),
        [SpoolOptions.Section] = typeof(SpoolOptions),
        [EmbeddedOptions.Section] = typeof(EmbeddedOptions),
        [StreamsOptions.Section] = typeof(StreamsOptions),
        [LabelsOptions.Section] = typeof(LabelsOptions),
        [AdmissionOptions.Section] = typeof(AdmissionOptions),
        [TelemetryOptions.Section] = typeof(TelemetryOptions),
    };

    // Set by the chart itself or read from the Secret.
    private static readonly HashSet<string> NotValues =
    [
        "Listen:Address", "Scoring:ModelsFolder", "Embedded:Allowed", "Spool:Folder",
        "Redis:Configuration", "Redis:EntityHashSecret", "Redis:PreviousEntityHashSecret", "Kafka:SaslPassword", "Kafka:SslKeyPassword",
    ];

    [Test]
    public void Schema_NamesEveryOption_ThatIsNoSecret()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Chart.Folder, "values.schema.json")));
        var named = schema.RootElement.GetProperty("properties").GetProperty("config").GetProperty("properties").EnumerateObject()
            .SelectMany(section => section.Value.GetProperty("properties").EnumerateObject()
                .Select(option => $"{section.Name}:{option.Name}"));
        Assert.That(named, Is.EquivalentTo(Options().Except(NotValues)));
    }

    [TestCase("values-minimal.yaml")]
    [TestCase("values-full.yaml")]
    public async Task Environment_HoldsOptionsAlone_AndTheServiceTakesTheirValues(string values)
    {
        var environment = Environment(await Chart.RenderAsync(values));
        Assert.That(environment.Keys.Where(name => !name.StartsWith("Logging:", StringComparison.Ordinal)), Is.SubsetOf(Options()));
        Assert.That(Faults(environment), Is.Empty);
    }

    [Test]
    public async Task Environment_OfAllValues_SetsEveryOption()
    {
        var environment = Environment(await Chart.RenderAsync("values-full.yaml"));
        Assert.That(Options(), Is.SubsetOf(environment.Keys));
    }

    [Test]
    public async Task Environment_HoldsLargeNumbersInFull()
    {
        var environment = Environment(await Chart.RenderAsync("values-full.yaml"));
        Assert.That(environment["Kafka:DecisionQueueCapacity"], Is.EqualTo("2000000"));
    }

    private static IEnumerable<string> Options() =>
        Sections.SelectMany(section => section.Value.GetProperties()
            .Where(option => option.CanWrite).Select(option => $"{section.Key}:{option.Name}"));

    /// <summary>Environment variables by "Section:Option". Those from the Secret have their own name as value.</summary>
    private static Dictionary<string, string?> Environment(string manifests) => Variables().Matches(manifests).ToDictionary(
        match => match.Groups["name"].Value.Replace("__", ":", StringComparison.Ordinal),
        string? (match) => match.Groups["value"].Success ? match.Groups["value"].Value.Trim('"') : "a secret of 16 and more characters");

    private static Faults Faults(IReadOnlyDictionary<string, string?> environment)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(environment).Build();
        var faults = new Faults();
        OptionsReader.Bind<ListenOptions>(configuration, ListenOptions.Section, faults);
        OptionsReader.Bind<ScoringOptions>(configuration, ScoringOptions.Section, faults);
        OptionsReader.Bind<ModelsOptions>(configuration, ModelsOptions.Section, faults);
        OptionsReader.Bind<RedisOptions>(configuration, RedisOptions.Section, faults);
        OptionsReader.Bind<KafkaOptions>(configuration, KafkaOptions.Section, faults);
        OptionsReader.Bind<SpoolOptions>(configuration, SpoolOptions.Section, faults);
        OptionsReader.Bind<EmbeddedOptions>(configuration, EmbeddedOptions.Section, faults);
        OptionsReader.Bind<StreamsOptions>(configuration, StreamsOptions.Section, faults);
        OptionsReader.Bind<LabelsOptions>(configuration, LabelsOptions.Section, faults);
        OptionsReader.Bind<AdmissionOptions>(configuration, AdmissionOptions.Section, faults);
        OptionsReader.Bind<TelemetryOptions>(configuration, TelemetryOptions.Section, faults);
        return faults;
    }

    [GeneratedRegex(@"^ +(- name: (?<name>[A-Z]\w+?__\w+)|(?<name>[A-Z]\w+?__\w+): (?<value>\S.*))$", RegexOptions.Multiline)]
    private static partial Regex Variables();
}
