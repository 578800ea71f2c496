using Spectre.Console;

namespace FraudScoring.LoadTest.Scores;

/// <summary>Runs the scenarios one after the other and writes their record.</summary>
internal static class ScoreRun
{
    public static async Task<int> RunAsync(ScoreSettings settings, IAnsiConsole console, CancellationToken cancellationToken)
    {
        foreach (var scenario in settings.Scenarios)
        {
            var result = await console.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
                .StartAsync(progress => scenario switch
                {
                    Scenario.Pairs => new PairsScenario(settings, progress, cancellationToken).MeasureAsync(),
                    _ => throw new NotSupportedException(),
                });
            result.Show(console);
            result.WriteTo(settings.Output.FullName);
        }
        return 0;
    }
}
