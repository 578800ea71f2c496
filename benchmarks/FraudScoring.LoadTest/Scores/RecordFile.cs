using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace FraudScoring.LoadTest.Scores;

/// <summary>The dated record of a run: the command, the machine and a section per scenario.</summary>
internal static class RecordFile
{
    /// <summary>Writes README.md, and returns its path.</summary>
    public static async Task<string> WriteAsync(DirectoryInfo folder, IReadOnlyList<string> sections, CancellationToken cancellationToken)
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"""
            # {TimeProvider.System.GetUtcNow():yyyy-MM-dd}, {Environment.ProcessorCount} cores

            ```bash
            dotnet run -c Release --project benchmarks/FraudScoring.LoadTest -- {string.Join(' ', Environment.GetCommandLineArgs()[1..])}
            ```

            {Processor()}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription},
            {RuntimeInformation.FrameworkDescription}. Load, service, Redis and Kafka together on it.

            """));
        foreach (var section in sections)
        {
            text.Append('\n').Append(section);
        }
        var file = Path.Combine(folder.FullName, "README.md");
        await File.WriteAllTextAsync(file, text.ToString(), cancellationToken);
        return file;
    }

    private static string Processor()
    {
        const string file = "/proc/cpuinfo", name = "model name";
        var line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':') + 1)..].Trim() ?? $"{RuntimeInformation.ProcessArchitecture}";
    }
}
