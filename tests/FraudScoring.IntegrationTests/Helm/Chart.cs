using System.Diagnostics;
using FraudScoring.IntegrationTests.Fixtures;

namespace FraudScoring.IntegrationTests.Helm;

/// <summary>The chart in the repository and the programs that read it.</summary>
internal static class Chart
{
    // Without a cluster, some builds of helm assume a Kubernetes version older than the chart supports.
    private const string KubernetesVersion = "1.34.0";

    public static string Repository { get; } = FindRepository();

    public static string Folder { get; } = Path.Combine(Repository, "helm", "fraud-scoring");

    /// <summary>A file next to the tests.</summary>
    public static string TestFile(string name) => Path.Combine(Repository, "tests", "FraudScoring.IntegrationTests", "Helm", name);

    /// <summary>Content of a source file of the server.</summary>
    public static string ServerSource(string path) => File.ReadAllText(Path.Combine(Repository, "src", "FraudScoring.Server", path));

    /// <summary>Renders the chart with a values file and further arguments.</summary>
    public static async Task<string> RenderAsync(string values, params string[] arguments)
    {
        var (exitCode, output) = await TemplateAsync(["--values", TestFile(values), .. arguments]);
        Assert.That(exitCode, Is.Zero, output);
        return output;
    }

    /// <summary>Runs helm template.</summary>
    public static Task<(int ExitCode, string Output)> TemplateAsync(params string[] arguments) =>
        RunAsync("helm", ["template", "test", Folder, "--namespace", "fraud", "--kube-version", KubernetesVersion, .. arguments]);

    /// <summary>Runs a program from the PATH and waits for it. Skips the test if the program is missing.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(MissingServer.Require(program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(texts));
    }

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "FraudScoring.sln")))
        {
            folder = folder.Parent
                ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} contains FraudScoring.sln.");
        }
        return folder.FullName;
    }
}
