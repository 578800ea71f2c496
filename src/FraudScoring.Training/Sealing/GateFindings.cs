using System.Text.Json;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Sealing;
using FraudScoring.Training.Evaluation.Gates;

namespace FraudScoring.Training.Sealing;

/// <summary>The part of a gate report that a seal depends on. Other members of the report are ignored.</summary>
internal sealed record GateFindings(
    int Format, string Model, string Version, string BundleHash, bool Passed, IReadOnlyList<ReportedGate> Gates,
    IReadOnlyList<ReportedWaiver> Waivers)
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

    /// <summary>Reads the gate report of a bundle. Waivers of gates that passed anyway are left out of the result.</summary>
    /// <param name="path">Path of the report, for messages.</param>
    /// <param name="bytes">Content of the report.</param>
    /// <param name="bundle">The bundle to seal.</param>
    /// <exception cref="InvalidDataException">
    /// Not a gate report, the report of another bundle, or a gate failed without a waiver; the message holds all faults.
    /// </exception>
    public static SealedGates Parse(string path, byte[] bytes, ModelBundle bundle)
    {
        GateFindings report;
        try
        {
            report = JsonSerializer.Deserialize<GateFindings>(bytes, Json) ?? throw new JsonException("The file contains null.");
            if (report.Gates.Contains(null!) || report.Waivers.Contains(null!))
            {
                throw new JsonException("Lists must not contain null.");
            }
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: is not a gate report of this release; run the gate command again. {e.Message}");
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

    /// <summary>Adds what a report written by the command <c>gate</c> never contains.</summary>
    private void CheckForm(string path, Faults faults)
    {
        if (Format != GateReportJson.Format)
        {
            faults.Add(path, $"has format {Format}, but this release reads format {GateReportJson.Format}; run the gate command again");
        }
        if (Gates.Count == 0)
        {
            faults.Add(path, "contains no gates; run the gate command again");
        }
        string[] texts =
        [
            Model, Version, BundleHash, .. Gates.Select(gate => gate.Name), .. Waivers.SelectMany(w => new[] { w.Gate, w.By, w.Because }),
        ];
        if (!Array.TrueForAll(texts, PlainText.Is))
        {
            // The messages below would print these texts, and control characters could rewrite the terminal.
            faults.Add(path, "contains unprintable characters in the name of a model, a gate or a waiver; run the gate command again");
            return;
        }
        foreach (var gate in Gates.Where(gate => !Statuses.Contains(gate.Status)))
        {
            faults.Add(path, $"the status of {gate.Name} must be one of {string.Join(", ", Statuses)}");
        }
        foreach (var twice in Gates.GroupBy(gate => gate.Name, StringComparer.Ordinal).Where(gates => gates.Count() > 1))
        {
            faults.Add(path, $"contains the gate {twice.Key} {twice.Count()} times; run the gate command again");
        }
        foreach (var waiver in Waivers.Where(waiver => string.IsNullOrWhiteSpace(waiver.By) || string.IsNullOrWhiteSpace(waiver.Because)))
        {
            faults.Add(path, $"the waiver of {waiver.Gate} has no name or no reason; run the gate command again with --by and --because");
        }
        foreach (var gate in Gates.Where(gate => gate.Status == Waived && Waivers.All(waiver => waiver.Gate != gate.Name)))
        {
            faults.Add(path, $"the gate {gate.Name} has status waived, but the report has no waiver of it; run the gate command again");
        }
        if (Passed != Gates.All(gate => gate.Status != Failed))
        {
            faults.Add(path, (Passed ? "says passed, but a gate in it failed" : "says not passed, but no gate in it failed")
                + "; run the gate command again");
        }
    }

    private void CheckBundle(ModelBundle bundle, string path, Faults faults)
    {
        if (BundleHash != bundle.Hash)
        {
            faults.Add(path, PlainText.Is(Model + Version + BundleHash)
                ? $"belongs to another bundle, {Model} {Version} with hash {BundleHash}; the bundle to seal has hash {bundle.Hash}"
                : $"belongs to another bundle; the bundle to seal has hash {bundle.Hash}");
        }
        foreach (var gate in Gates.Where(gate => gate.Status == Failed && PlainText.Is(gate.Name)))
        {
            var detail = gate.Detail is { } text && PlainText.Is(text) ? $": {text}" : "";
            faults.Add(path, $"the gate {gate.Name} failed and was not waived{detail}; fix the model, or waive the gate");
        }
    }
}

/// <summary>The result of a gate.</summary>
internal sealed record ReportedGate(string Name, string Status, string? Detail = null);

/// <summary>A waiver: the gate may fail.</summary>
internal sealed record ReportedWaiver(string Gate, string By, string Because);
