using System.Text.Json;
using System.Text.Json.Serialization;
using FraudScoring.Core.Decisions;
using FraudScoring.Inference.Contracts;

namespace FraudScoring.Inference.Ensembles;

/// <summary>
/// The manifest of a model bundle, <c>manifest.json</c>. Training writes it, and nothing changes it afterwards: gates, signatures and
/// approvals come later and are in the bundle's seal.
/// </summary>
public sealed record ModelManifest
{
    /// <summary>File name of the manifest in a bundle.</summary>
    public const string FileName = "manifest.json";

    /// <summary>File name of the ONNX graph in a bundle.</summary>
    public const string GraphFileName = "model.onnx";

    /// <summary>File name of the CUDA twin in a bundle: the same model, with only operators that have CUDA kernels.</summary>
    public const string CudaGraphFileName = "model.cuda.onnx";

    /// <summary>File name of the model card in a bundle.</summary>
    public const string CardFileName = "MODEL_CARD.md";

    /// <summary>File name, in a bundle, of the feature catalogue it was trained with.</summary>
    public const string CatalogueFileName = "features.json";

    /// <summary>The format this release reads and writes.</summary>
    public const int CurrentFormat = 4;

    /// <summary>Version of the file format.</summary>
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
    /// SHA-256 of the decision policy next to the catalogue at training, hexadecimal. The policy itself is not in the bundle: its lists
    /// hold tokens of persons, and it may change while the model stays.
    /// </summary>
    public required string PolicyHash { get; init; }

    /// <summary>Names of the features, in the order of the graph's input.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>Names of the members, in the order of the graph's member margins.</summary>
    public required IReadOnlyList<string> Members { get; init; }

    /// <summary>SHA-256 of every other file of the bundle, hexadecimal, by file name.</summary>
    public required SortedDictionary<string, string> Files { get; init; }

    /// <summary>Fraud probabilities from which a payment is reviewed, challenged or declined.</summary>
    public required ThresholdPlan Thresholds { get; init; }

    /// <summary>Costs of decisions for which the thresholds were optimized.</summary>
    public required DecisionCosts Costs { get; init; }

    /// <summary>Effect of the thresholds on payments later than all training data: overall, and per segment.</summary>
    public required IReadOnlyList<OperatingRow> Operating { get; init; }

    /// <summary>Quality on payments later than all training data, by metric name.</summary>
    public required SortedDictionary<string, double> Metrics { get; init; }

    /// <summary>The training data.</summary>
    public required TrainingLineage Lineage { get; init; }

    /// <summary>
    /// The bundle from which this one took its model, with thresholds for other costs; null (and absent in the file) if this one was
    /// trained.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BundleReference? DerivedFrom { get; init; }

    /// <summary>How its members were trained, by name.</summary>
    public required SortedDictionary<string, string> Parameters { get; init; }

    /// <summary>Time-ordered validation, fold by fold; empty if the stacker was not fitted on folds.</summary>
    public required IReadOnlyList<ValidationFold> Folds { get; init; }

    /// <summary>The sets of members that were considered, in order; empty if the members were given.</summary>
    public required IReadOnlyList<ConsideredMembers> MembersConsidered { get; init; }

    /// <summary>How much each member contributes; empty if the stacker was not fitted on folds.</summary>
    public required IReadOnlyList<MemberWorth> MemberResults { get; init; }

    /// <summary>Options of the file: snake case, indented, the same bytes for the same content.</summary>
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

    /// <summary>Serializes the manifest.</summary>
    public byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(this, Json), (byte)'\n'];

    /// <summary>Names of the lists that contain null, which the serializer accepts.</summary>
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
