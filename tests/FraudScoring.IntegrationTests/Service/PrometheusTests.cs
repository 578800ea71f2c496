using System.Globalization;
using System.Text.Json;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.IntegrationTests.Helm;
using FraudScoring.V1;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>A Prometheus server scrapes the service and evaluates the chart's rules on what it gets.</summary>
public sealed class PrometheusTests
{
    private const int Payments = 20;
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fraud-scoring-test-prometheus-");
    private readonly HttpClient _http = new();
    private ServiceProcess _service = null!;
    private ServerProcess? _prometheus;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        var program = MissingServer.Require("prometheus");
        _service = await ServiceProcess.StartNewAsync("prometheus", new Dictionary<string, string>());
        for (var i = 0; i < Payments; i++)
        {
            await _service.Scoring.ScoreAsync(new ScoreRequest { Payment = ServiceUnderTest.NewPayment($"scraped-{i}") });
        }
        var configuration = Path.Combine(_folder.FullName, "prometheus.yml");
        await File.WriteAllTextAsync(configuration, $$"""
            global: { scrape_interval: 1s, evaluation_interval: 1s }
            rule_files: [{{Path.Combine(Chart.Folder, "rules", "alerts.yaml")}}]
            scrape_configs:
              - job_name: fraud-scoring
                static_configs:
                  - { targets: ["127.0.0.1:{{_service.HttpPort}}"], labels: { namespace: payments, pod: fraud-scoring-0 } }
            """);
        var port = Ports.Free();
        _http.BaseAddress = new Uri($"http://127.0.0.1:{port}/api/v1/");
        _prometheus = ServerProcess.Start(
            program, _folder.FullName,
            [$"--config.file={configuration}", $"--storage.tsdb.path={_folder.FullName}/data", $"--web.listen-address=127.0.0.1:{port}"]);
        await _prometheus.UntilReadyAsync(
            async () => await TryQueryAsync("min_over_time(up[1m]) and count_over_time(up[1m]) >= 3") == 1, ReadyLimit);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _prometheus?.Dispose();
        _http.Dispose();
        await _service.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [TestCase("sum(fraud_request_seconds_count)", Payments)]
    [TestCase("sum(fraud_request_seconds_bucket{le=\"+Inf\"})", Payments)]
    [TestCase("sum(fraud_decisions_total)", Payments)]
    [TestCase("sum(fraud_shed_total{class=\"payment\"})", 0)]
    [TestCase("sum(fraud_failed_payments_total)", 0)]
    [TestCase("sum(fraud_cancelled_payments_total)", 0)]
    [TestCase("max(fraud_overloaded)", 0)]
    [TestCase("max(fraud_payments_in_flight)", 0)]
    public async Task Series_HaveTheValues_ThatCallersSaw(string query, double value) =>
        Assert.That(await TryQueryAsync(query), Is.EqualTo(value));

    [Test]
    public async Task Waits_AreCountedPerRequest() =>
        Assert.That(await TryQueryAsync("sum(fraud_wait_seconds_count)"), Is.GreaterThanOrEqualTo(Payments));

    [Test]
    public async Task Rules_AreAllEvaluated_AndTheObjectiveHasAValue()
    {
        using var document = await GetAsync("rules");
        var rules = document.RootElement.GetProperty("data").GetProperty("groups").EnumerateArray()
            .SelectMany(group => group.GetProperty("rules").EnumerateArray()).Select(rule => rule.Clone()).ToList();
        var unhealthy = rules.Where(rule => rule.GetProperty("health").GetString() != "ok").Select(rule => rule.ToString());
        var recorded = rules.Where(rule => rule.GetProperty("type").GetString() == "recording")
            .Select(rule => rule.GetProperty("name").GetString()!).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(unhealthy, Is.Empty);
            Assert.That(recorded, Has.Count.GreaterThan(3));
            foreach (var name in recorded)
            {
                Assert.That(await TryQueryAsync($"{name}{{job=\"fraud-scoring\"}}"), Is.Not.Null, name);
            }
        }
    }

    [Test]
    public async Task Metrics_ThatAreDocumented_AreScraped()
    {
        using var document = await GetAsync("targets/metadata?limit=10000");
        var scraped = document.RootElement.GetProperty("data").EnumerateArray()
            .Select(one => (Name: one.GetProperty("metric").GetString()!, Type: one.GetProperty("type").GetString()!))
            .Where(one => one.Name.StartsWith("fraud_", StringComparison.Ordinal)).Select(WithoutTotal).ToHashSet();
        // The metadata of counters is without _total in some versions.
        var documented = (await File.ReadAllLinesAsync(Path.Combine(Chart.Repository, "tests", "Approved", "metrics.txt")))
            .Select(line => (Name: line[..line.IndexOf('{', StringComparison.Ordinal)], Type: line[(line.LastIndexOf(' ') + 1)..]))
            .Select(WithoutTotal).ToHashSet();
        Assert.That(scraped, Is.EquivalentTo(documented));
    }

    private static (string Name, string Type) WithoutTotal((string Name, string Type) metric) =>
        (metric.Name.EndsWith("_total", StringComparison.Ordinal) ? metric.Name[..^"_total".Length] : metric.Name, metric.Type);

    /// <summary>The value of an instant query with one sample; null without a sample, or while the server does not answer.</summary>
    private async Task<double?> TryQueryAsync(string query)
    {
        try
        {
            using var document = await GetAsync($"query?query={Uri.EscapeDataString(query)}");
            var result = document.RootElement.GetProperty("data").GetProperty("result");
            return result.GetArrayLength() == 0
                ? null
                : double.Parse(result[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private async Task<JsonDocument> GetAsync(string path)
    {
        await using var body = await _http.GetStreamAsync(path);
        return await JsonDocument.ParseAsync(body);
    }
}
