using System.Text.Encodings.Web;
using System.Text.Json;

namespace FraudScoring.Inference.Sealing;

/// <summary>The bytes that a signature covers: one line of JSON, the same bytes for the same content.</summary>
public static class SealStatement
{
    private static readonly JsonSerializerOptions OneLine = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.Default,
    };

    /// <summary>Statement of a signature: this is the bundle, with these gates. Signed by whoever built or checked it.</summary>
    public static byte[] OfSignature(BundleSeal seal, string at) =>
        JsonSerializer.SerializeToUtf8Bytes(new { Statement = "seal", seal.Manifest, seal.Gates, At = at }, OneLine);

    /// <summary>Statement of an approval: the bundle is approved, with these gates. Signed by a person.</summary>
    public static byte[] OfApproval(BundleSeal seal, string by, string comment, string at) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new { Statement = "approval", seal.Manifest, seal.Gates, By = by, Comment = comment, At = at }, OneLine);
}
