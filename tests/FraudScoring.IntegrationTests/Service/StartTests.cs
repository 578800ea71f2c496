using System.Diagnostics;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>An invalid configuration or an altered model stops the start, and the error names all faults.</summary>
public sealed class StartTests
{
    [Test]
    public async Task Start_WithFaultyOptions_NamesThemAll_AndExitsWithOne()
    {
        var (exitCode, error) = await RunAsync(
            "--Listen:GrpcPort=70000", "--Scoring:Explain=Sometimes", "--Kafka:BootstrapServers=nowhere",
            "--Redis:Configuration=localhost:1",
            "--Scoring:Nonsense=1", "--Scoring:BudgetMs=fast", "--Telemetry:OtlpEndpoint=collector");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exitCode, Is.EqualTo(1));
            foreach (var option in new[]
            {
                "Listen:GrpcPort", "Scoring:Explain", "Kafka:BootstrapServers", "Redis:EntityHashSecret", "Scoring:Nonsense",
                "Scoring:BudgetMs",
                "Telemetry:OtlpEndpoint",
            })
            {
                Assert.That(error, Does.Contain($"  {option}: "));
            }
            Assert.That(error, Does.Not.Contain("   at "));
        }
    }

    [Test]
    public async Task Start_WithAnAlteredBundle_SaysWhichFile()
    {
        using var models = new ModelsCopy();
        File.AppendAllText(models.Bundle("model.onnx"), "x");
        await Assert.ThatAsync(() => StartAsync(models),
            Throws.InstanceOf<StartFaultsException>().With.Message.Contains("model.onnx").And.Message.Contains("was altered"));
    }

    [Test]
    public async Task Start_WithAnotherCatalogue_NamesBothHashes()
    {
        using var models = new ModelsCopy();
        var path = Path.Combine(models.Folder, "features.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("The amount of the payment", "The amount", StringComparison.Ordinal));
        await Assert.ThatAsync(() => StartAsync(models),
            Throws.InstanceOf<StartFaultsException>().With.Message.Match("catalogue [0-9a-f]{64}, but [0-9a-f]{64} is active"));
    }

    [Test]
    public async Task Start_WithAFaultyPolicyAndRegistry_NamesBoth()
    {
        using var models = new ModelsCopy();
        File.WriteAllText(Path.Combine(models.Folder, "policy.json"),
            """{"rules":[{"code":"X","text":"x","when":"features.nope >= 1","then":"never"}]}""");
        File.WriteAllText(Path.Combine(models.Folder, "registry.json"), "{}");
        await Assert.ThatAsync(() => StartAsync(models), Throws.InstanceOf<StartFaultsException>()
            .With.Message.Contains("$.rules[0].when: at character 1").And.Message.Contains("$.rules[0].then")
            .And.Message.Contains("$.without_model").And.Message.Contains("champion"));
    }

    [Test]
    public void Start_WhereEmbeddedServersAreForbidden_AsksForAddresses()
    {
        Assert.That(() => Wiring.Build([], new Dictionary<string, string?> { ["Embedded:Allowed"] = "false" }),
            Throws.InstanceOf<StartFaultsException>().With.Message.Contains("Redis:Configuration").And.Message.Contains(
                "Kafka:BootstrapServers"));
    }

    [Test]
    public async Task Start_WithFaultsOfModelsAndKeys_NamesThemAll_AndExitsWithOne()
    {
        using var models = new ModelsCopy();
        File.AppendAllText(models.Bundle("model.onnx"), "x");
        var (exitCode, error) = await RunAsync(
            $"--Scoring:ModelsFolder={models.Folder}", "--Models:TrustedKeys=no-such.pem", "--Models:UserModelsFolder=no-such-folder",
            "--Listen:Address=127.0.0.1", "--Listen:GrpcPort=0", "--Listen:HttpPort=0");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exitCode, Is.EqualTo(1));
            Assert.That(error, Does.Contain("was altered").And.Contain("Models:TrustedKeys").And.Contain("no-such.pem").And.Contain(
                "Models:UserModelsFolder"));
            Assert.That(error, Does.Not.Contain("   at "));
        }
    }

    [Test]
    public async Task Start_WithARelativeModelsFolder_LooksInTheCurrentDirectory()
    {
        using var models = new ModelsCopy();
        File.AppendAllText(models.Bundle("model.onnx"), "x");
        var (exitCode, error) = await RunIn(
            Path.GetDirectoryName(models.Folder)!, $"--Scoring:ModelsFolder={Path.GetFileName(models.Folder)}");
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Does.Contain(models.Bundle("model.onnx")).And.Contain("was altered"));
    }

    [Test]
    public async Task Start_WithAModelsFolderThatDoesNotExist_NamesTheWholePath_AndNeverServesTheBuiltInModels()
    {
        using var models = new ModelsCopy();
        var (exitCode, error) = await RunIn(models.Folder, "--Scoring:ModelsFolder=models");
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Does.Contain($"  Scoring:ModelsFolder: is not a folder: {Path.Combine(models.Folder, "models")}"));
    }

    [Test]
    public async Task Start_WithAPortInUse_NamesIt_TogetherWithOtherFaults_AndExitsWithOne()
    {
        using var socket = Ports.Listen();
        var port = Ports.PortOf(socket);
        var (exitCode, error) = await RunAsync(
            "--Listen:Address=127.0.0.1", $"--Listen:GrpcPort={port}", "--Listen:HttpPort=0", "--Models:UserModelsFolder=no-such-folder");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exitCode, Is.EqualTo(1));
            Assert.That(error,
                Does.Contain($"  Listen:GrpcPort: 127.0.0.1:{port} is in use by another process").And.Contain("Models:UserModelsFolder"));
            Assert.That(error, Does.Not.Contain("   at "));
        }
    }

    [TestCase("/no/such/ca.pem", "  Kafka:SslCaLocation: does not exist: /no/such/ca.pem")]
    [TestCase("FraudScoring.Server.dll", "  Kafka: cannot be opened: Kafka:SslCaLocation (FraudScoring.Server.dll) failed: ")]
    public async Task Start_WithAKafkaCertificateThatCannotBeUsed_SaysSo_TogetherWithOtherFaults(string file, string fault)
    {
        var (exitCode, error) = await RunAsync(
            "--Kafka:BootstrapServers=127.0.0.1:9", "--Kafka:SecurityProtocol=Ssl", $"--Kafka:SslCaLocation={file}",
            "--Models:UserModelsFolder=no-such-folder", "--Listen:Address=127.0.0.1", "--Listen:GrpcPort=0", "--Listen:HttpPort=0");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exitCode, Is.EqualTo(1));
            Assert.That(error, Does.Contain(fault).And.Contain("Models:UserModelsFolder"));
            Assert.That(error, Does.Not.Contain("   at "));
        }
    }

    [Test]
    public async Task Dispose_AfterAStartThatFailedHalfway_StopsTheConsumers()
    {
        var app = Wiring.Build([], new Dictionary<string, string?>
        {
            ["Listen:Address"] = "127.0.0.1", ["Listen:GrpcPort"] = "0", ["Listen:HttpPort"] = "0",
        });
        var start = app.Services.GetServices<IHostedService>().OfType<StartSequence>().Single();
        var deployments = app.Services.GetRequiredService<DeploymentHost>();
        // The state after the web server fails to bind: the start sequence has started the consumers, and nothing stops them.
        await start.StartAsync(CancellationToken.None);
        var running = deployments.Current.Consumers.Select(consumer => consumer.ExecuteTask!).ToArray();
        Assert.That(running.Select(task => task.IsCompleted), Has.All.False);
        await app.DisposeAsync();
        Assert.That(running.Select(task => task.IsCompleted), Has.All.True);
    }

    [Test]
    public async Task Start_ThatIsTerminated_EndsWithoutAFailure()
    {
        // A Redis that accepts connections and never responds. The start is still waiting for it when the signal arrives.
        using var silent = Ports.Listen();
        using var process = Start(AppContext.BaseDirectory,
            $"--Redis:Configuration={silent.LocalEndPoint},connectTimeout=2000,connectRetry=1",
            "--Redis:EntityHashSecret=a secret of the tests", "--Listen:Address=127.0.0.1", "--Listen:GrpcPort=0", "--Listen:HttpPort=0");
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var connection = await silent.AcceptAsync(limit.Token);
        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }
        await process.WaitForExitAsync();
        Assert.That((process.ExitCode, await error), Is.EqualTo((0, "")));
        Assert.That(await output, Does.Not.Contain("   at ").And.Not.Contain("fail:"));
    }

    [Test]
    public async Task Start_WithAConfigurationFileThatIsNoJson_NamesFileAndLine_WithoutAStackTrace()
    {
        var folder = Directory.CreateTempSubdirectory("start-").FullName;
        try
        {
            var program = Path.GetDirectoryName(typeof(Wiring).Assembly.Location)!;
            foreach (var file in Directory.EnumerateFiles(program, "*.dll")
                .Concat(Directory.EnumerateFiles(program, "FraudScoring.Server.*json")))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }
            await File.WriteAllTextAsync(Path.Combine(folder, "appsettings.json"), "{ \"Listen\": {} \"Kafka\": {} }");
            var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "FraudScoring.Server.dll")])
            {
                RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = folder,
            };
            var (exitCode, error) = await EndAsync(Process.Start(start)!);
            Assert.That(exitCode, Is.EqualTo(1), error);
            Assert.That(
                error, Does.Contain(Path.Combine(folder, "appsettings.json")).And.Contain("LineNumber: 0").And.Not.Contain("   at "));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task StartAsync(ModelsCopy models)
    {
        await using var app = Wiring.Build([], new Dictionary<string, string?> { ["Scoring:ModelsFolder"] = models.Folder });
        await app.StartAsync();
    }

    private static Task<(int ExitCode, string Error)> RunAsync(params string[] args) => RunIn(AppContext.BaseDirectory, args);

    private static Task<(int ExitCode, string Error)> RunIn(string directory, params string[] args) => EndAsync(Start(directory, args));

    /// <summary>Waits for a start to fail. A service that starts successfully is killed.</summary>
    private static async Task<(int ExitCode, string Error)> EndAsync(Process process)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using (process)
        {
            await using var kill = limit.Token.Register(() => process.Kill(entireProcessTree: true));
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var error = await process.StandardError.ReadToEndAsync(CancellationToken.None);
            await process.WaitForExitAsync(CancellationToken.None);
            await output;
            return (process.ExitCode, error);
        }
    }

    private static Process Start(string directory, params string[] args) =>
        Process.Start(new ProcessStartInfo("dotnet", [typeof(Wiring).Assembly.Location, .. args])
        {
            RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = directory,
        })!;
}
