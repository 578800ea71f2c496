using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Sealing;
using FraudScoring.Tests.Inference.Ensembles;
using FraudScoring.Training.Commands;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Training.Sealing;

/// <summary>A copy of the committed bundle, with keys and gate reports next to it, sealed by the commands.</summary>
internal sealed class SealedFolder : IDisposable
{
    private readonly BundleFolder _bundle = new();

    public FakeTimeProvider Time { get; } =
        new(DateTimeOffset.Parse("2026-11-24T08:00:00Z", System.Globalization.CultureInfo.InvariantCulture));

    public string Folder => _bundle.Folder;

    public string Hash => ModelBundle.HashOf(Folder)!;

    /// <summary>A path in the bundle.</summary>
    public string InBundle(string name) => _bundle.Path(name);

    /// <summary>A path next to the bundle.</summary>
    public string PathOf(string name) => Path.Combine(_bundle.Models, name);

    public void ChangeManifest(Action<JsonNode> change) => _bundle.ChangeManifest(change);

    public void ChangeSeal(Action<JsonNode> change)
    {
        var seal = JsonNode.Parse(File.ReadAllBytes(InBundle(BundleSeal.FileName)))!;
        change(seal);
        File.WriteAllText(InBundle(BundleSeal.FileName), seal.ToJsonString());
    }

    /// <summary>Creates a key pair and returns the path of the private key. The public key is at <see cref="PublicOf"/>.</summary>
    public string Key(string name)
    {
        var (code, _, error) = Run("keys", "create", "--out", PathOf(name + ".pem"));
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")));
        return PathOf(name + ".pem");
    }

    /// <summary>Writes a gate report.</summary>
    public string Gates(bool passed = true, string? failed = null, string? waived = null, string? hash = null)
    {
        var path = PathOf("gates.json");
        File.WriteAllText(path, JsonSerializer.Serialize(new
        {
            format = 3,
            model = "payments",
            version = "1",
            bundle_hash = hash ?? Hash,
            champion_hash = (string?)null,
            passed,
            gates = new object[]
            {
                new { name = "calibration", status = "passed", value = 0.001, limit = 0.01, detail = "" },
                new
                {
                    name = failed ?? waived ?? "parity",
                    status = failed is not null ? "failed" : waived is not null ? "waived" : "passed",
                    value = 0.7, limit = 0.8, detail = "0.7 is below 0.8",
                },
            },
            waivers = waived is null
                ? []
                : new object[] { new { gate = waived, by = "Ada", because = "known and small", at = "2026-11-24" } },
        }));
        return path;
    }

    public void Seal(string key, string? gates = null)
    {
        var (code, _, error) = Run(
            ["seal", "--bundle", Folder, "--key", key, .. gates is null ? Array.Empty<string>() : ["--gates", gates]]);
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")));
    }

    public void Approve(string key, string name)
    {
        var (code, _, error) = Run("approve", "--bundle", Folder, "--key", key, "--name", name, "--comment", "seen and fine");
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")));
    }

    public (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var root = new RootCommand { KeysCommand.Create() };
        foreach (var command in SealCommand.Create(Time))
        {
            root.Add(command);
        }
        var code = root.Parse(arguments).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }

    public List<string> Faults(bool signature = true, bool gates = false, int approvals = 0, params string[] trusted)
    {
        var faults = new Faults();
        var keys = TrustedKeys.Load(trusted.Select(PublicOf), faults);
        Assert.That(faults, Is.Empty);
        SealedBundle.Load(Folder, new SealRequirements(keys, signature, gates, approvals), faults);
        return [.. faults.Select(fault => fault.ToString())];
    }

    public static string PublicOf(string key) => Path.ChangeExtension(key, null) + ".pub.pem";

    public void Dispose() => _bundle.Dispose();
}
