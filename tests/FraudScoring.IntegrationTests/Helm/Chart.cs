using System.Diagnostics;
using FraudScoring.IntegrationTests.Fixtures;

namespace FraudScoring.IntegrationTests.Helm;

/// <summary>The chart in the repository, and the programs that read it.</summary>
internal static class Chart
{
    // Some builds of helm take a Kubernetes from before the chart's time when they have no cluster to ask.
    private const string KubernetesVersion = "1.34.0";

    /// <summary>Folder of the repository.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Folder of the chart.</summary>
    public static string Folder { get; } = Path.Combine(Repository, "helm", "fraud-scoring");

    /// <summary>A file beside these tests.</summary>
    public static string TestFile(string name) => Path.Combine(Repository, "tests", "FraudScoring.IntegrationTests", "Helm", name);

    /// <summary>Text of a file of the server.</summary>
    public static string ServerSource(string path) => File.ReadAllText(Path.Combine(Repository, "src", "FraudScoring.Server", path));

    /// <summary>What helm would install, with a file of values and further arguments.</summary>
    public static async Task<string> RenderAsync(string values, params string[] arguments)
    {
        var (exitCode, output) = await TemplateAsync(["--values", TestFile(values), .. arguments]);
        Assert.That(exitCode, Is.Zero, output);
        return output;
    }

    /// <summary>Runs helm template.</summary>
    public static Task<(int ExitCode, string Output)> TemplateAsync(params string[] arguments) =>
        RunAsync("helm", ["template", "test", Folder, "--namespace", "fraud", "--kube-version", KubernetesVersion, .. arguments]);

    /// <summary>Runs a program of the PATH to its end; the test is skipped where it is missing.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        var file = Find(program) ?? throw MissingServer.Report($"{program} was not found. Install it, and put its folder on the PATH.");
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(texts));
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? program + ".exe" : program))
            .FirstOrDefault(File.Exists);

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "FraudScoring.sln")))
        {
            folder = folder.Parent
                ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds FraudScoring.sln.");
        }
        return folder.FullName;
    }
}
