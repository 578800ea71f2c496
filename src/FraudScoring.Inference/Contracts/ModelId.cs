using System.Text.Json.Serialization;

namespace FraudScoring.Inference.Contracts;

/// <summary>
/// Name and version of a model, which are also the names of its folders. In JSON: <c>{"model": "…", "version": "…"}</c>.
/// </summary>
/// <param name="Name">Name of the model, such as "payments".</param>
/// <param name="Version">Version of the model, such as "1".</param>
public sealed record ModelId([property: JsonPropertyName("model")] string Name = "", string Version = "")
{
    /// <summary>The rule for names and versions, as the end of a sentence about one of them.</summary>
    public const string NameRule = "must be 1 to 64 letters, digits, dots, underscores or hyphens, starting with a letter or digit";

    private const int MaxLength = 64;

    /// <summary>True when name and version follow <see cref="NameRule"/>.</summary>
    [JsonIgnore]
    public bool IsValid => IsValidName(Name) && IsValidName(Version);

    /// <summary>
    /// True when a text follows <see cref="NameRule"/>. Such a text is safe in a path, a metric label and an error message.
    /// </summary>
    public static bool IsValidName(string? text) => text is { Length: > 0 and <= MaxLength } && char.IsAsciiLetterOrDigit(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <inheritdoc />
    public override string ToString() => $"{Name} {Version}";
}
