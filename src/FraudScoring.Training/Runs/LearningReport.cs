using FraudScoring.Training.Learners;
using FraudScoring.Training.Progress;

namespace FraudScoring.Training.Runs;

/// <summary>Forwards training progress as steps of a run. Reports all steps at the start, so that a viewer shows what is to come.</summary>
internal sealed class LearningReport : IProgress<LearningProgress>
{
    private readonly RunProgress _run;

    public LearningReport(RunProgress run)
    {
        _run = run;
        foreach (var step in Enum.GetValues<LearningStep>())
        {
            Report(new LearningProgress(step, 0));
        }
    }

    /// <inheritdoc />
    public void Report(LearningProgress value) => _run.Report($"Train: {value.Step}", value.Fraction);
}
