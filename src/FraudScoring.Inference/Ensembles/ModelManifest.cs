using System.Text.Json;
using System.Text.Json.Serialization;

namespace FraudScoring.Inference.Ensembles;

/// <summary>What a model bundle says of itself: <c>manifest.json</c>.</summary>
public sealed record ModelManifest
{
    /// <summary>Name of the manifest's file in a bundle.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Name of the graph's file in a bundle.</summary>
    public const string GraphFileName = "model.onnx";

    /// <summary>The format this release reads and writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Version of this file's format.</summary>
    public required int Format { get; init; }

    /// <summary>Name of the model, such as "payments".</summary>
    public required string Model { get; init; }

    /// <summary>Version of the model, such as "1".</summary>
    public required string Version { get; init; }

    /// <summary>SHA-256 of the feature catalogue it was trained with, hexadecimal.</summary>
    public required string CatalogueHash { get; init; }

    /// <summary>Names of the features, in the order of the graph's input.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>Names of the members, in the order of the graph's member margins.</summary>
    public required IReadOnlyList<string> Members { get; init; }

    /// <summary>SHA-256 of every other file of the bundle, hexadecimal, by file name.</summary>
    public required SortedDictionary<string, string> Files { get; init; }

    /// <summary>Fraud probabilities from which on a payment is reviewed, challenged, declined.</summary>
    public required ManifestThresholds Thresholds { get; init; }

    /// <summary>Quality on payments later than all that was trained on, by metric name.</summary>
    public required SortedDictionary<string, double> Metrics { get; init; }

    /// <summary>Where it comes from: log hash, rows, time ranges, parameters, by name.</summary>
    public required SortedDictionary<string, string> Training { get; init; }

    /// <summary>How the file is written: snake case, indented, the same bytes for the same content.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}

/// <summary>Thresholds in a manifest.</summary>
public sealed record ManifestThresholds(double Review, double Challenge, double Decline);
