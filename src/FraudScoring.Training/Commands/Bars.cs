using FraudScoring.Training.Progress;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

/// <summary>Shows a run's progress on the console: one bar per step, added with the step's first report.</summary>
internal sealed class Bars : IProgress<StepProgress>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ProgressTask> _bars = [];
    private readonly ProgressContext _context;

    private Bars(ProgressContext context) => _context = context;

    public static ProgressColumn[] Columns =>
        [new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()];

    public static T Show<T>(IAnsiConsole console, Func<RunProgress, T> run) =>
        console.Progress().Columns(Columns).Start(context => run(new RunProgress(new Bars(context))));

    /// <inheritdoc />
    public void Report(StepProgress value)
    {
        if (value.Step is null)
        {
            return;
        }
        var bar = BarOf(value.Stage.Length == 0 ? value.Step : $"{value.Stage}: {value.Step}");
        bar.IsIndeterminate = value.Fraction is null;
        bar.Value = value.Fraction ?? 0;
    }

    private ProgressTask BarOf(string step)
    {
        lock (_lock)
        {
            if (!_bars.TryGetValue(step, out var bar))
            {
                _bars[step] = bar = _context.AddTask(step, maxValue: 1);
            }
            return bar;
        }
    }
}
