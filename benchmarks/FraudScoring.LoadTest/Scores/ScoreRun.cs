using FraudScoring.Core.Payments;
using FraudScoring.TestKit.Budgets;
using Spectre.Console;

namespace FraudScoring.LoadTest.Scores;

/// <summary>Runs the scenarios one after the other and writes their record.</summary>
internal sealed class ScoreRun(ScoreSettings settings, IAnsiConsole console, CancellationToken cancellationToken)
{
    // Written by the process on the client's processor, and taken into the record by the one that started it.
    private const string SectionName = $"{OverloadScenario.Name}.section";

    private readonly DirectoryInfo _folder = PinnedProcess.Folder ?? settings.Output;

    private readonly List<PairedRatio> _ratios = [];

    private string SectionFile => Path.Combine(_folder.FullName, SectionName);

    public async Task<int> RunAsync()
    {
        string[] missing = [.. LocalServers.Missing(settings.Load), .. settings.RedisDelayMs > 0 ? Toxiproxy.Missing() : []];
        if (missing.Length > 0)
        {
            Array.ForEach(missing, Console.Error.WriteLine);
            return 1;
        }
        if (PinnedProcess.Folder is not null)
        {
            await File.WriteAllTextAsync(SectionFile, await SectionAsync(Scenario.Overload, PinnedProcess.Servers), cancellationToken);
            return 0;
        }
        var budgets = settings.IsChecked ? ReadBudgets() : null;
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
        console.WriteLine(await RecordFile.WriteAsync(_folder, sections, cancellationToken));
        var misses = new Faults();
        budgets?.Compare(_ratios, misses);
        foreach (var miss in misses)
        {
            await Console.Error.WriteLineAsync($"fault: {miss}");
        }
        return misses.Count == 0 ? 0 : 1;
    }

    private static BudgetFile ReadBudgets()
    {
        var faults = new Faults();
        return BudgetFile.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, BudgetFile.FileName)), faults)
            ?? throw new InvalidOperationException(faults.ToString());
    }

    private async Task<string> SectionAsync(Scenario scenario, string? processors)
    {
        var result = await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(progress => scenario switch
            {
                Scenario.Pairs => new PairsScenario(settings, progress, cancellationToken).MeasureAsync(),
                Scenario.Open => new OpenScenario(settings, progress, cancellationToken).MeasureAsync(),
                Scenario.Tail => new TailScenario(settings, progress, cancellationToken).MeasureAsync(),
                _ => new OverloadScenario(settings, processors, progress, cancellationToken).MeasureAsync(),
            });
        _ratios.AddRange(result.Ratios);
        result.Show(console);
        return result.WriteTo(_folder.FullName);
    }

    private async Task<string> PinnedSectionAsync()
    {
        _folder.Create();
        if (await PinnedProcess.RunAsync(_folder, cancellationToken) != 0)
        {
            throw new InvalidOperationException("The overload failed; its process says why.");
        }
        var section = await File.ReadAllTextAsync(SectionFile, cancellationToken);
        File.Delete(SectionFile);
        return section;
    }
}
