namespace FraudScoring.Inference.Batching;

/// <summary>How a model's graph is opened, compared and measured on a device: what differs between lanes and sessions.</summary>
/// <typeparam name="TRunner">What runs the graph, on the device and on the CPU alike.</typeparam>
internal interface IDeviceTrial<TRunner>
    where TRunner : class, IDisposable
{
    /// <summary>Runs the graph on the CPU. Its owner disposes of it.</summary>
    TRunner Cpu { get; }

    /// <summary>Numbers of rows to measure, ascending.</summary>
    IReadOnlyList<int> Sizes { get; }

    /// <summary>What a row is called in reports.</summary>
    string RowsName { get; }

    /// <summary>Opens the graph on the device.</summary>
    TRunner Open();

    /// <summary>Runs the same made-up rows on the device and on the CPU.</summary>
    /// <returns>How their answers differ, in words; null when they agree.</returns>
    string? FindDifference(TRunner runner);

    /// <summary>Measures a run, in ticks of the time provider.</summary>
    long Measure(TRunner runner, int rows);
}

/// <summary>Rows to run. May be run twice: on the device, and on the CPU when the device does not answer.</summary>
/// <typeparam name="TRunner">What runs the graph.</typeparam>
internal interface IDeviceWork<in TRunner>
{
    /// <summary>Runs the rows, and keeps the answers.</summary>
    /// <returns>What is wrong with the answers, such as "NaN in probabilities"; null when they are valid.</returns>
    string? Run(TRunner runner);

    /// <summary>Whether the caller has given up: then a run that fails says nothing of the device.</summary>
    bool IsAbandoned { get; }
}
