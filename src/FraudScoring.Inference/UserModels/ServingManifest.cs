using System.Text.Json;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Inference.UserModels;

/// <summary>Optional settings of a user model: <c>serving.json</c> next to its graph. Every setting is optional.</summary>
/// <param name="Sha256">SHA-256 of model.onnx, hexadecimal. Another file is refused.</param>
/// <param name="MaxRows">Largest number of rows in a request, if less than the service allows.</param>
/// <param name="Cover">File next to the graph with the training rows per tree node: see <see cref="TreeCover"/>.</param>
/// <param name="Ranges">By output of real numbers: lowest and highest valid value. An answer outside is invalid, as NaN is.</param>
public sealed record ServingManifest(
    string? Sha256 = null, int MaxRows = int.MaxValue, string? Cover = null,
    IReadOnlyDictionary<string, IReadOnlyList<double>>? Ranges = null)
{
    /// <summary>File name of the settings.</summary>
    public const string FileName = "serving.json";

    /// <summary>File name of the graph.</summary>
    public const string GraphFileName = "model.onnx";

    /// <summary>Reads the settings of a model. Without a file all have their defaults.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="faults">Receives every fault.</param>
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
                ?? throw new JsonException("The file contains null.");
            if (manifest.MaxRows < 1)
            {
                faults.Add(path, "max_rows must be at least 1");
            }
            if (manifest.Cover is { } cover && (cover != Path.GetFileName(cover) || !File.Exists(Path.Combine(folder, cover))))
            {
                faults.Add(path, "cover must name a file in the same folder");
            }
            foreach (var output in (manifest.Ranges ?? new Dictionary<string, IReadOnlyList<double>>())
                .Where(range => range.Value is not [var low, var high] || !(low <= high)))
            {
                faults.Add(path, $"ranges.{output.Key} must be [lowest, highest], with lowest at most highest");
            }
            return manifest;
        }
        catch (JsonException e)
        {
            faults.Add(path,
                $"must be {{\"sha256\": \"…\", \"max_rows\": …, \"cover\": \"…\", \"ranges\": {{\"…\": [0, 1]}}}}, "
                    + $"each optional: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(path, $"cannot be read: {e.Message}");
        }
        return new ServingManifest();
    }

    /// <summary>Adds the ranges to the outputs.</summary>
    /// <param name="outputs">The model's outputs.</param>
    /// <param name="path">The model's file, for faults.</param>
    /// <param name="faults">Receives ranges of outputs that do not exist or are not real numbers.</param>
    internal List<TensorSpec> WithRanges(List<TensorSpec> outputs, string path, Faults faults)
    {
        var real = outputs.Where(output => output.Type.IsReal).Select(output => output.Name).ToList();
        foreach (var name in (Ranges?.Keys ?? []).Except(real))
        {
            faults.Add(path, $"has no output {name} of real numbers, for which {FileName} sets a range; "
                + (real.Count == 0 ? "no output has real numbers" : $"the outputs of real numbers are {string.Join(", ", real)}"));
        }
        return [.. outputs.Select(output => Ranges?.GetValueOrDefault(output.Name) is [var low, var high]
            ? output with { Range = new ValueRange(low, high) } : output)];
    }

    /// <summary>Checks the graph's bytes against the SHA-256 of the settings.</summary>
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
            faults.Add(path, $"was altered: its SHA-256 is {hash}, {FileName} names {Sha256}; copy the file again, or update {FileName}");
        }
    }
}
