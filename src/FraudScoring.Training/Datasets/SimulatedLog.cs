using FraudScoring.Core.Payments;
using FraudScoring.Simulation;

namespace FraudScoring.Training.Datasets;

/// <summary>Simulates payments and writes them to an event log; optionally writes the frauds' scenarios to a second file.</summary>
internal static class SimulatedLog
{
    /// <summary>Writes the log. If it is cancelled or fails, no file is left behind.</summary>
    /// <param name="options">What to simulate.</param>
    /// <param name="path">The event log.</param>
    /// <param name="scenariosPath">File for the scenario of each fraud, as <c>transaction_id,scenario</c>; null for none.</param>
    /// <param name="onDay">Receives the number of completed days and the number of payments so far.</param>
    /// <param name="cancellation">Checked between records.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static SimulationSummary Write(
        SimulationOptions options, string path, string? scenariosPath, Action<int, long> onDay, CancellationToken cancellation)
    {
        using var log = new EventLogWriter(path);
        using var scenariosFile = scenariosPath is null ? null : new PartialFile(scenariosPath);
        // Not disposed: that would flush into a file that is already complete or deleted, and it owns nothing but the stream.
        StreamWriter? scenarios = scenariosFile is null ? null : new(scenariosFile.Stream) { NewLine = "\n" };
        scenarios?.WriteLine("transaction_id,scenario");
        var byScenario = new long[Enum.GetValues<FraudScenario>().Length];
        long labels = 0;
        long payments = 0;
        int day = 0;
        foreach (SimulatedEvent simulated in PaymentSimulator.Run(options))
        {
            cancellation.ThrowIfCancellationRequested();
            if (simulated.Label is { } label)
            {
                log.Write(label);
                labels++;
                continue;
            }
            for (var today = (int)((simulated.TimeMs - options.StartMs) / MillisecondsPer.Day); day < today; day++)
            {
                onDay(day + 1, payments);
            }
            log.Write(simulated.Payment!);
            payments++;
            byScenario[(int)simulated.Scenario]++;
            if (simulated.Scenario != FraudScenario.None)
            {
                scenarios?.WriteLine($"{simulated.Payment!.TransactionId},{simulated.Scenario}");
            }
        }
        onDay(options.Days, payments);
        scenarios?.Flush();
        scenariosFile?.Complete();
        string hash = log.Complete();
        return new SimulationSummary(payments, byScenario, labels, log.Bytes, hash);
    }
}

/// <summary>The contents of a simulated event log.</summary>
/// <param name="Payments">Number of payments.</param>
/// <param name="ByScenario">Number of payments by <see cref="FraudScenario"/>; None counts the legitimate ones.</param>
/// <param name="Labels">Number of labels.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Hash">SHA-256 of the file, lower-case hexadecimal.</param>
internal sealed record SimulationSummary(long Payments, IReadOnlyList<long> ByScenario, long Labels, long Bytes, string Hash)
{
    public long Frauds => Payments - ByScenario[(int)FraudScenario.None];
}
