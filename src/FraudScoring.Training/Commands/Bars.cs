using FraudScoring.Training.Learners;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

/// <summary>Progress bars, one per step of a command.</summary>
internal sealed class Bars(ProgressContext context)
{
    /// <summary>What a bar shows.</summary>
    public static ProgressColumn[] Columns => [new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()];

    /// <summary>Runs a step of unknown length.</summary>
    public T Of<T>(string step, Func<T> run)
    {
        var bar = context.AddTask(step);
        bar.IsIndeterminate = true;
        var result = run();
        bar.IsIndeterminate = false;
        bar.Value = bar.MaxValue;
        return result;
    }

    /// <summary>Runs a step that tells how many of its items are done.</summary>
    public T Of<T>(string step, int items, Func<IProgress<int>, T> run) => run(new Bar<int>(context.AddTask(step, maxValue: items), done => done));

    /// <summary>A bar per part of training.</summary>
    public IProgress<TrainingProgress> ForTraining()
    {
        var bars = Enum.GetValues<TrainingStage>().Select(stage => context.AddTask($"Train: {stage}", maxValue: 1)).ToArray();
        return new Training(bars);
    }

    private sealed class Bar<T>(ProgressTask task, Func<T, double> valueOf) : IProgress<T>
    {
        public void Report(T value) => task.Value = valueOf(value);
    }

    private sealed class Training(ProgressTask[] tasks) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => tasks[(int)value.Stage].Value = value.Fraction;
    }
}
