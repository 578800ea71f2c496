using System.Text.Json;
using System.Text.Json.Serialization;
using FraudScoring.Core.Decisions;
using FraudScoring.Inference.Contracts;

namespace FraudScoring.Inference.Ensembles;

/// <summary>
/// What a model bundle says of itself: <c>manifest.json</c>. Training writes it, and nobody changes it after: what becomes known later,
/// such as gates and approvals, stands in the bundle's seal.
/// </summary>
public sealed record ModelManifest
{
    /// <summary>Name of the manifest's file in a bundle.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Name of the graph's file in a bundle.</summary>
    public const string GraphFileName = "model.onnx";

    /// <summary>Name, in a bundle, of the same graph for a GPU: of operators alone that have CUDA kernels.</summary>
    public const string CudaGraphFileName = "model.cuda.onnx";

    /// <summary>Name of the model card's file in a bundle.</summary>
    public const string CardFileName = "MODEL_CARD.md";

    /// <summary>Name, in a bundle, of the feature catalogue it was trained with.</summary>
    public const string CatalogueFileName = "features.json";

    /// <summary>The format this release reads and writes.</summary>
    public const int CurrentFormat = 3;

    /// <summary>Version of this file's format.</summary>
    public required int Format { get; init; }

    /// <summary>Name of the model, such as "payments".</summary>
    public required string Model { get; init; }

    /// <summary>Version of the model, such as "1".</summary>
    public required string Version { get; init; }

    /// <summary>Name and version.</summary>
    [JsonIgnore]
    public ModelId Id => new(Model, Version);

    /// <summary>SHA-256 of the feature catalogue it was trained with, hexadecimal.</summary>
    public required string CatalogueHash { get; init; }

    /// <summary>
    /// SHA-256 of the decision policy that lay beside the catalogue, hexadecimal. The policy itself is not in the bundle: its lists hold
    /// tokens of persons, and it may change while the model stays.
    /// </summary>
    public required string PolicyHash { get; init; }

    /// <summary>Names of the features, in the order of the graph's input.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>Names of the members, in the order of the graph's member margins.</summary>
    public required IReadOnlyList<string> Members { get; init; }

    /// <summary>SHA-256 of every other file of the bundle, hexadecimal, by file name.</summary>
    public required SortedDictionary<string, string> Files { get; init; }

    /// <summary>Fraud probabilities from which on a payment is reviewed, challenged, declined.</summary>
    public required ThresholdPlan Thresholds { get; init; }

    /// <summary>What decisions were said to cost when the thresholds were found.</summary>
    public required DecisionCosts Costs { get; init; }

    /// <summary>What the thresholds do to payments later than all that was trained on: for all, and per segment.</summary>
    public required IReadOnlyList<OperatingRow> Operating { get; init; }

    /// <summary>Quality on payments later than all that was trained on, by metric name.</summary>
    public required SortedDictionary<string, double> Metrics { get; init; }

    /// <summary>Which payments it learned from.</summary>
    public required TrainingLineage Lineage { get; init; }

    /// <summary>The bundle that this one took its model from, with thresholds for other costs; null (and absent in the file) where it was trained.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BundleReference? DerivedFrom { get; init; }

    /// <summary>How its members were trained, by name.</summary>
    public required SortedDictionary<string, string> Parameters { get; init; }

    /// <summary>Time-ordered validation, fold by fold; empty where the stacker was not fitted on folds.</summary>
    public required IReadOnlyList<ValidationFold> Folds { get; init; }

    /// <summary>The sets of members that were considered, in order; empty where the members were named.</summary>
    public required IReadOnlyList<ConsideredMembers> MembersConsidered { get; init; }

    /// <summary>What each member is worth; empty where the stacker was not fitted on folds.</summary>
    public required IReadOnlyList<MemberWorth> MemberResults { get; init; }

    /// <summary>How the file is written: snake case, indented, the same bytes for the same content.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The file's bytes.</summary>
    public byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(this, Json), (byte)'\n'];

    /// <summary>Lists that must hold texts or records, but hold null, which the serializer lets pass.</summary>
    internal IEnumerable<string> NullsWithin() => new (string Name, bool HasNull)[]
    {
        ("features", Features.Contains(null!)),
        ("members", Members.Contains(null!)),
        ("files", Files.ContainsValue(null!)),
        ("thresholds.segments", Thresholds.Segments.Contains(null!)),
        ("operating", Operating.Contains(null!)),
        ("lineage.parts", Lineage.Parts.Contains(null!)),
        ("parameters", Parameters.ContainsValue(null!)),
        ("folds", Folds.Contains(null!)),
        ("members_considered", MembersConsidered.Any(set => set is null || set.Members.Contains(null!))),
        ("member_results", MemberResults.Contains(null!)),
    }.Where(list => list.HasNull).Select(list => list.Name);
}
