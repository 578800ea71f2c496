namespace FraudScoring.Training.Runs;

/// <summary>The stages of a training run, in order. <see cref="TrainingRun"/> numbers them and reports them as progress.</summary>
internal enum TrainingStage
{
    /// <summary>Read the labels and the time span of the event log.</summary>
    ReadLog,

    /// <summary>Split the log by time.</summary>
    Split,

    /// <summary>Replay the payments into rows of features.</summary>
    Replay,

    /// <summary>Train the members, first on the folds, then on all fit rows.</summary>
    Learn,

    /// <summary>Combine the members' margins.</summary>
    Stack,

    /// <summary>Map the combined margin to a probability.</summary>
    Calibrate,

    /// <summary>Find the thresholds with the lowest cost.</summary>
    FindThresholds,

    /// <summary>Measure the ensemble on the test part.</summary>
    Evaluate,

    /// <summary>Write the ensemble as ONNX graphs.</summary>
    Export,

    /// <summary>Compare graphs and explanations with the trainer.</summary>
    ProveParity,

    /// <summary>Write the bundle and record the run.</summary>
    WriteBundle,
}
