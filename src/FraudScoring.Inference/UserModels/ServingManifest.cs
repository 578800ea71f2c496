using System.Text.Json;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Inference.UserModels;

/// <summary>What a user may say of a model beside its graph: <c>serving.json</c>, all of it optional.</summary>
/// <param name="Sha256">SHA-256 of model.onnx, hexadecimal: another file is refused.</param>
/// <param name="MaxRows">Most rows of a request, if fewer than the service allows.</param>
/// <param name="Cover">File beside it that tells the training rows per tree node: see <see cref="TreeCover"/>.</param>
/// <param name="Ranges">By output of real numbers: the lowest and the highest it may give. What is outside counts as no answer, as NaN does.</param>
public sealed record ServingManifest(
    string? Sha256 = null, int MaxRows = int.MaxValue, string? Cover = null, IReadOnlyDictionary<string, IReadOnlyList<double>>? Ranges = null)
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "serving.json";

    /// <summary>Name of the graph beside it.</summary>
    public const string GraphFileName = "model.onnx";

    /// <summary>Reads it from a model's folder; where there is none, nothing is said.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="faults">Gets all that is wrong.</param>
    public static ServingManifest Load(string folder, Faults faults)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return new ServingManifest();
        }
        try
        {
            var manifest = JsonSerializer.Deserialize<ServingManifest>(File.ReadAllBytes(path), ModelManifest.Json)
                ?? throw new JsonException("The file holds null.");
            if (manifest.MaxRows < 1)
            {
                faults.Add(path, "max_rows must be at least 1");
            }
            if (manifest.Cover is { } cover && (cover != Path.GetFileName(cover) || !File.Exists(Path.Combine(folder, cover))))
            {
                faults.Add(path, "cover must name a file beside it");
            }
            foreach (var output in (manifest.Ranges ?? new Dictionary<string, IReadOnlyList<double>>())
                .Where(range => range.Value is not [var low, var high] || !(low <= high)))
            {
                faults.Add(path, $"ranges.{output.Key} must be [lowest, highest]");
            }
            return manifest;
        }
        catch (JsonException e)
        {
            faults.Add(path,
                $"is not {{\"sha256\": \"…\", \"max_rows\": …, \"cover\": \"…\", \"ranges\": {{\"…\": [0, 1]}}}}, each optional: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(path, $"cannot be read: {e.Message}");
        }
        return new ServingManifest();
    }

    /// <summary>Tells the outputs what they may give.</summary>
    /// <param name="outputs">The model's outputs.</param>
    /// <param name="path">The model's file, for faults.</param>
    /// <param name="faults">Gets the ranges of what is no output of real numbers.</param>
    internal List<TensorSpec> WithRanges(List<TensorSpec> outputs, string path, Faults faults)
    {
        var real = outputs.Where(output => output.Type.IsReal).Select(output => output.Name).ToList();
        foreach (var name in (Ranges?.Keys ?? []).Except(real))
        {
            faults.Add(path, $"has no output {name} of real numbers, for which {FileName} says a range; "
                + $"such are {(real.Count == 0 ? "none" : string.Join(", ", real))}");
        }
        return [.. outputs.Select(output => Ranges?.GetValueOrDefault(output.Name) is [var low, var high]
            ? output with { Range = new ValueRange(low, high) } : output)];
    }

    /// <summary>Checks the graph's bytes against what is said of them.</summary>
    public void Check(string path, Faults faults)
    {
        if (Sha256 is null || !File.Exists(path))
        {
            return;
        }
        using var stream = File.OpenRead(path);
        var hash = ContentHash.Compute(stream);
        if (hash != Sha256)
        {
            faults.Add(path, $"was altered: its SHA-256 is {hash}, {FileName} says {Sha256}");
        }
    }
}
