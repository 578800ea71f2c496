using System.Text.RegularExpressions;

namespace FraudScoring.IntegrationTests.Helm;

/// <summary>The manifests that the chart installs, and the values that it rejects.</summary>
public sealed partial class ChartTests
{
    // A folder with the CRDs of the Prometheus Operator, which plain Kubernetes lacks.
    private const string DefinitionsVariable = "KUBERNETES_CRDS";

    [TestCase("values-minimal.yaml")]
    [TestCase("values-full.yaml")]
    public async Task Lint_OfValidValues_FindsNothing(string values)
    {
        var (exitCode, output) = await Chart.RunAsync("helm", "lint", "--strict", Chart.Folder, "--values", Chart.TestFile(values));
        Assert.That(exitCode, Is.Zero, output);
        Assert.That(output, Does.Not.Contain("[WARNING]").And.Not.Contain("[ERROR]"));
    }

    [TestCase("values-minimal.yaml")]
    [TestCase("values-full.yaml")]
    public async Task Manifests_FitTheSchemasOfKubernetes(string values)
    {
        var definitions = Environment.GetEnvironmentVariable(DefinitionsVariable);
        string[] withoutOperator = ["--set", "serviceMonitor.enabled=false,prometheusRule.enabled=false"];
        var file = Path.Combine(Directory.CreateTempSubdirectory("fraud-scoring-test-chart-").FullName, "manifests.yaml");
        await File.WriteAllTextAsync(file, await Chart.RenderAsync(values, definitions is null ? withoutOperator : []));
        var (exitCode, output) = await Chart.RunAsync(
            "kubectl-validate", definitions is null ? [file] : [file, "--local-crds", definitions]);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        Assert.That(exitCode, Is.Zero, output);
    }

    [Test]
    public async Task Values_WithoutSecretAndBrokers_AreRefusedByTheirSchema_ForBoth()
    {
        var (exitCode, output) = await Chart.TemplateAsync();
        Assert.That(exitCode, Is.Not.Zero);
        Assert.That(output, Does.Contain("/secret/name").And.Contain("/config/Kafka/BootstrapServers"));
    }

    [Test]
    public async Task Values_WithoutSecretAndBrokers_AreRefusedWithoutTheSchemaToo_AndTheErrorNamesTheRemedy()
    {
        var (exitCode, output) = await Chart.TemplateAsync("--skip-schema-validation");
        Assert.That(exitCode, Is.Not.Zero);
        Assert.That(output, Does.Contain("secret.name must name an existing Secret")
            .And.Contain("config.Kafka.BootstrapServers must be set").And.Contain("for trying out only"));
    }

    [TestCase("config.Kafka.Brokers=a:1", "Brokers")]
    [TestCase("config.Redis.Configuration=redis:6379", "Configuration", Description = "Secrets are not values.")]
    [TestCase("config.Scoring.BudgetMs=0", "/config/Scoring/BudgetMs")]
    [TestCase("config.Kafka.BootstrapServers=nowhere", "/config/Kafka/BootstrapServers")]
    [TestCase("replicas=2", "replicas")]
    [TestCase("config.Kafka.SecurityProtocol=SaslSsl", "config.Kafka.SaslUsername must be set")]
    [TestCase("config.Listen.HttpPort=50051", "config.Listen.HttpPort must differ")]
    public async Task Values_WithAFault_AreRefused_ByName(string fault, string named)
    {
        var (exitCode, output) = await Chart.TemplateAsync("--values", Chart.TestFile("values-minimal.yaml"), "--set", fault);
        Assert.That(exitCode, Is.Not.Zero);
        Assert.That(output, Does.Contain(named));
    }

    [Test]
    public async Task GracePeriod_IsLongerThanTheWaitBeforeTheStopAndTheDrain()
    {
        var manifests = await Chart.RenderAsync(
            "values-minimal.yaml", "--set", "config.Kafka.DrainTimeoutSeconds=120,shutdown.preStopSeconds=15,shutdown.marginSeconds=20");
        Assert.That(manifests, Does.Match("(?m)^ +terminationGracePeriodSeconds: 155$"));
    }

    [Test]
    public async Task Containers_RunWithoutRights_AndWriteNothingButTheirTemporaryFolder()
    {
        var manifests = await Chart.RenderAsync("values-full.yaml");
        foreach (var setting in new[]
        {
            "runAsNonRoot: true", "readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "- ALL", "type: RuntimeDefault",
            "mountPath: /tmp", "automountServiceAccountToken: false",
        })
        {
            Assert.That(manifests, Does.Contain(setting));
        }
    }

    [Test]
    public async Task Autoscaling_LeavesTheNumberOfReplicasAlone()
    {
        var manifests = await Chart.RenderAsync("values-minimal.yaml", "--set", "autoscaling.enabled=true");
        Assert.That(manifests, Does.Contain("kind: HorizontalPodAutoscaler").And.Not.Match("(?m)^  replicas:"));
    }

    [Test]
    public async Task Gpu_AddsALimit_AndTakesTheOtherImage()
    {
        var manifests = await Chart.RenderAsync("values-minimal.yaml", "--set", "gpu.enabled=true,image.tag=1.2");
        Assert.That(manifests, Does.Contain("nvidia.com/gpu: 1").And.Contain("image: \"fraud-scoring:1.2-gpu\""));
    }

    [Test]
    public async Task Monitoring_IsInstalledUnchanged()
    {
        var manifests = await Chart.RenderAsync("values-full.yaml");
        var lines = manifests.Split('\n').Select(line => line.Trim()).ToHashSet();
        foreach (var path in new[] { Path.Combine("rules", "alerts.yaml"), Path.Combine("dashboards", "fraud-scoring.json") })
        {
            var expected = await File.ReadAllLinesAsync(Path.Combine(Chart.Folder, path));
            Assert.That(expected.Select(line => line.Trim()).Distinct(), Is.SubsetOf(lines), path);
        }
    }

    [Test]
    public async Task Probes_AskWhatTheServiceAnswers()
    {
        var mapped = HealthChecks().Matches(Chart.ServerSource(Path.Combine("Hosting", "Wiring.cs")))
            .Select(match => match.Groups["path"].Value).ToList();
        var manifests = await Chart.RenderAsync("values-minimal.yaml");
        var asked = Regex.Matches(manifests, @"(?m)^ +path: (\S+)$").Select(match => match.Groups[1].Value).ToList();
        Assert.That(asked, Has.Count.EqualTo(3));
        Assert.That(asked.Distinct(), Is.SubsetOf(mapped));
    }

    [GeneratedRegex("""MapHealthChecks\("(?<path>[^"]+)""")]
    private static partial Regex HealthChecks();
}
