namespace FraudScoring.Inference.Batching;

/// <summary>Opens, compares and measures a model's graph on a device, for lanes and for sessions.</summary>
/// <typeparam name="TRunner">What runs the graph, on the device as on the CPU.</typeparam>
internal interface IDeviceTrial<TRunner>
    where TRunner : class, IDisposable
{
    /// <summary>Runs the graph on the CPU. Disposed of by its owner.</summary>
    TRunner Cpu { get; }

    /// <summary>Numbers of rows to measure, in ascending order.</summary>
    IReadOnlyList<int> Sizes { get; }

    /// <summary>What reports call a row, such as "requests".</summary>
    string RowsName { get; }

    TRunner Open();

    /// <summary>Runs the same generated rows on the device and on the CPU.</summary>
    /// <returns>How the answers differ, as the end of a sentence about the device; null when they agree.</returns>
    string? FindDifference(TRunner runner);

    /// <summary>Measures a run, in ticks of the time provider.</summary>
    long Measure(TRunner runner, int rows);
}

/// <summary>Rows to run. They run a second time, on the CPU, when the device returns no valid answer.</summary>
/// <typeparam name="TRunner">What runs the graph.</typeparam>
internal interface IDeviceWork<in TRunner>
{
    /// <summary>Runs the rows and keeps the answers.</summary>
    /// <returns>What is wrong with the answers, such as "NaN in probabilities"; null when they are valid.</returns>
    string? Run(TRunner runner);

    /// <summary>True when the caller has given up. A failed run then does not count against the device.</summary>
    bool IsAbandoned { get; }
}
