namespace FraudScoring.Training.Runs;

/// <summary>The stages of a training run, in order: those of <see cref="TrainingRun"/>'s numbered path and of its progress reports.</summary>
internal enum TrainingStage
{
    /// <summary>Read the labels and the span of the event log.</summary>
    ReadLog,

    /// <summary>Cut the log by time.</summary>
    Split,

    /// <summary>Replay the payments into rows of features.</summary>
    Replay,

    /// <summary>Learn the members, first out of fold, then on all fit rows.</summary>
    Learn,

    /// <summary>Join the members' margins.</summary>
    Stack,

    /// <summary>Make the joint margin a probability.</summary>
    Calibrate,

    /// <summary>Find the thresholds that cost least.</summary>
    FindThresholds,

    /// <summary>Measure the ensemble on the test part.</summary>
    Evaluate,

    /// <summary>Write the ensemble as ONNX graphs.</summary>
    Export,

    /// <summary>Prove graphs and explanations equal to the trainer.</summary>
    ProveParity,

    /// <summary>Write the bundle and record the run.</summary>
    WriteBundle,
}
