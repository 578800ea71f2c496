namespace FraudScoring.Training.Progress;

/// <summary>Reports the stage, step and progress of a run, independently of how they are displayed.</summary>
/// <param name="watcher">Receives every report; null for none.</param>
internal sealed class RunProgress(IProgress<StepProgress>? watcher = null)
{
    private string _stage = "";

    /// <summary>Enters a stage. The following steps belong to it.</summary>
    public void Enter(string stage)
    {
        _stage = stage;
        watcher?.Report(new StepProgress(stage, null, null));
    }

    /// <summary>Runs a step of unknown length.</summary>
    public T Run<T>(string step, Func<T> run)
    {
        watcher?.Report(new StepProgress(_stage, step, null));
        var result = run();
        Report(step, 1);
        return result;
    }

    /// <summary>Runs a step that reports its number of completed items.</summary>
    public T Run<T>(string step, int items, Func<IProgress<int>, T> run)
    {
        Report(step, 0);
        return run(new ItemProgress(this, step, items));
    }

    public void Report(string step, double fraction) => watcher?.Report(new StepProgress(_stage, step, fraction));

    private sealed class ItemProgress(RunProgress run, string step, int items) : IProgress<int>
    {
        public void Report(int value) => run.Report(step, items == 0 ? 1 : (double)value / items);
    }
}
