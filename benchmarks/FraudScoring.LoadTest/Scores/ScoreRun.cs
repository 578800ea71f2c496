using Spectre.Console;

namespace FraudScoring.LoadTest.Scores;

/// <summary>Runs the scenarios one after the other and writes their record.</summary>
internal sealed class ScoreRun(ScoreSettings settings, IAnsiConsole console, CancellationToken cancellationToken)
{
    // Written by the process on the client's processor, and taken into the record by the one that started it.
    private readonly string _sectionFile = Path.Combine(settings.Output.FullName, $"{OverloadScenario.Name}.section");

    public async Task<int> RunAsync()
    {
        string[] missing = [.. LocalServers.Missing(settings.Load), .. settings.RedisDelayMs > 0 ? Toxiproxy.Missing() : []];
        if (missing.Length > 0)
        {
            Array.ForEach(missing, Console.Error.WriteLine);
            return 1;
        }
        if (PinnedProcess.IsThis)
        {
            await File.WriteAllTextAsync(_sectionFile, await SectionAsync(Scenario.Overload, PinnedProcess.Servers), cancellationToken);
            return 0;
        }
        var sections = new List<string>();
        foreach (var scenario in settings.Scenarios)
        {
            var isPinned = scenario == Scenario.Overload && PinnedProcess.Impossible is null;
            if (scenario == Scenario.Overload && !isPinned)
            {
                console.WriteLine($"Servers and client share the processors: {PinnedProcess.Impossible}.");
            }
            sections.Add(await (isPinned ? PinnedSectionAsync() : SectionAsync(scenario, processors: null)));
        }
        console.WriteLine(await RecordFile.WriteAsync(settings.Output, sections, cancellationToken));
        return 0;
    }

    private async Task<string> SectionAsync(Scenario scenario, string? processors)
    {
        var result = await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(progress => scenario switch
            {
                Scenario.Pairs => new PairsScenario(settings, progress, cancellationToken).MeasureAsync(),
                Scenario.Open => new OpenScenario(settings, progress, cancellationToken).MeasureAsync(),
                _ => new OverloadScenario(settings, processors, progress, cancellationToken).MeasureAsync(),
            });
        result.Show(console);
        return result.WriteTo(settings.Output.FullName);
    }

    private async Task<string> PinnedSectionAsync()
    {
        settings.Output.Create();
        if (await PinnedProcess.RunAsync(cancellationToken) != 0)
        {
            throw new InvalidOperationException("The overload failed; its process says why.");
        }
        var section = await File.ReadAllTextAsync(_sectionFile, cancellationToken);
        File.Delete(_sectionFile);
        return section;
    }
}
