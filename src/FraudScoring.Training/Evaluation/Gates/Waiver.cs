using FraudScoring.Core.Payments;
using FraudScoring.Inference.Sealing;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Permission for one gate to fail, given by a named person.</summary>
/// <param name="Gate">Name of the gate.</param>
/// <param name="By">Name of the person responsible.</param>
/// <param name="Because">The reason.</param>
internal sealed record Waiver(string Gate, string By, string Because)
{
    /// <summary>Adds a fault for each unknown gate, duplicate gate, missing name and missing reason.</summary>
    public static void Check(IReadOnlyList<Waiver> waivers, IReadOnlyCollection<string> gates, Faults faults)
    {
        foreach (var waiver in waivers)
        {
            if (!gates.Contains(waiver.Gate))
            {
                faults.Add("--waive",
                    $"there is no gate '{(PlainText.Is(waiver.Gate) ? waiver.Gate : "")}'; the gates are {string.Join(", ", gates)}");
            }
            if (!PlainText.Is(waiver.By) || !PlainText.Is(waiver.Because))
            {
                faults.Add($"--waive {waiver.Gate}",
                    "name (--by) and reason (--because) must be single lines without control or invisible characters");
            }
            if (string.IsNullOrWhiteSpace(waiver.By) || string.IsNullOrWhiteSpace(waiver.Because))
            {
                faults.Add($"--waive {waiver.Gate}", "needs a name (--by) and a reason (--because)");
            }
        }
        foreach (var twice in waivers.GroupBy(w => w.Gate, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            faults.Add($"--waive {twice.Key}", $"is given {twice.Count()} times; give it once");
        }
    }

    /// <summary>Returns the gates, with failed gates that have a waiver marked as waived.</summary>
    public static GateResult[] Apply(IEnumerable<GateResult> gates, IReadOnlyList<Waiver> waivers) => [.. gates.Select(gate =>
        gate.Status == GateStatus.Failed && waivers.Any(w => w.Gate == gate.Name) ? gate with { Status = GateStatus.Waived } : gate)];
}
