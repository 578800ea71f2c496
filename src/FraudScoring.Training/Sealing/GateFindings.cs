using System.Text.Json;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Sealing;
using FraudScoring.Training.Evaluation.Gates;

namespace FraudScoring.Training.Sealing;

/// <summary>What a seal takes from the report of the gates; what else the report holds is not looked at.</summary>
internal sealed record GateFindings(
    int Format, string Model, string Version, string BundleHash, bool Passed, IReadOnlyList<ReportedGate> Gates, IReadOnlyList<ReportedWaiver> Waivers)
{
    private const string Failed = "failed";
    private const string Waived = "waived";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private static readonly string[] Statuses = [.. Enum.GetValues<GateStatus>().Select(SnakeCase.Convert)];

    /// <summary>Reads a report that lets a bundle pass. Of its waivers only those count without which a gate would have failed.</summary>
    /// <param name="path">The report's file.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="bundle">The bundle.</param>
    /// <exception cref="InvalidDataException">It is none, or of another bundle, or a gate failed that nobody waived; all faults at once.</exception>
    public static SealedGates Parse(string path, byte[] bytes, ModelBundle bundle)
    {
        GateFindings report;
        try
        {
            report = JsonSerializer.Deserialize<GateFindings>(bytes, Json) ?? throw new JsonException("The file holds null.");
            if (report.Gates.Contains(null!) || report.Waivers.Contains(null!))
            {
                throw new JsonException("Lists must not hold null.");
            }
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: is no report of the gates: {e.Message}");
        }
        var faults = new Faults();
        report.CheckForm(path, faults);
        report.CheckBundle(bundle, path, faults);
        if (faults.Count > 0)
        {
            throw new InvalidDataException(faults.ToLines());
        }
        var needed = report.Waivers.Where(waiver => report.Gates.Any(gate => gate.Name == waiver.Gate && gate.Status == Waived));
        return new SealedGates(
            ContentHash.Compute(bytes), report.Passed,
            [.. needed.Select(waiver => new SealedWaiver(waiver.Gate, waiver.By, waiver.Because))]);
    }

    /// <summary>What no report says that the command gate wrote.</summary>
    private void CheckForm(string path, Faults faults)
    {
        if (Format != GateReportJson.Format)
        {
            faults.Add(path, $"has format {Format}; this release reads format {GateReportJson.Format}");
        }
        if (Gates.Count == 0)
        {
            faults.Add(path, "holds no gates");
        }
        string[] texts = [Model, Version, BundleHash, .. Gates.Select(gate => gate.Name), .. Waivers.SelectMany(w => new[] { w.Gate, w.By, w.Because })];
        if (!Array.TrueForAll(texts, PlainText.Is))
        {
            // None of them can be shown, so none is.
            faults.Add(path, "holds characters that cannot be shown, in the name of a model, a gate or a waiver");
            return;
        }
        foreach (var gate in Gates.Where(gate => !Statuses.Contains(gate.Status)))
        {
            faults.Add(path, $"the status of {gate.Name} is none of {string.Join(", ", Statuses)}");
        }
        foreach (var twice in Gates.GroupBy(gate => gate.Name, StringComparer.Ordinal).Where(gates => gates.Count() > 1))
        {
            faults.Add(path, $"holds the gate {twice.Key} {twice.Count()} times");
        }
        foreach (var waiver in Waivers.Where(waiver => string.IsNullOrWhiteSpace(waiver.By) || string.IsNullOrWhiteSpace(waiver.Because)))
        {
            faults.Add(path, $"the waiver of {waiver.Gate} has no name or no reason");
        }
        foreach (var gate in Gates.Where(gate => gate.Status == Waived && Waivers.All(waiver => waiver.Gate != gate.Name)))
        {
            faults.Add(path, $"the gate {gate.Name} is said to be waived, but nobody waived it");
        }
        if (Passed != Gates.All(gate => gate.Status != Failed))
        {
            faults.Add(path, Passed ? "says that all passed, but a gate failed" : "did not pass, but names no gate that failed");
        }
    }

    private void CheckBundle(ModelBundle bundle, string path, Faults faults)
    {
        if (BundleHash != bundle.Hash)
        {
            faults.Add(path, PlainText.Is(Model + Version + BundleHash)
                ? $"is of another bundle: {Model} {Version} with hash {BundleHash}; that of the bundle to seal is {bundle.Hash}"
                : $"is of another bundle than {bundle.Hash}");
        }
        foreach (var gate in Gates.Where(gate => gate.Status == Failed && PlainText.Is(gate.Name)))
        {
            faults.Add(path, $"the gate {gate.Name} failed, and nobody waived it{(gate.Detail is { } detail && PlainText.Is(detail) ? ": " + detail : "")}");
        }
    }
}

/// <summary>What one gate said.</summary>
internal sealed record ReportedGate(string Name, string Status, string? Detail = null);

/// <summary>Who would let a gate fail.</summary>
internal sealed record ReportedWaiver(string Gate, string By, string Because);
