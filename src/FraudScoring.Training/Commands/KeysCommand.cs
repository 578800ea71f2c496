using System.CommandLine;
using FraudScoring.Training.Sealing;

namespace FraudScoring.Training.Commands;

/// <summary><c>keys create</c>: creates a key pair for sealing bundles.</summary>
internal static class KeysCommand
{
    public static Command Create()
    {
        var path = new Option<FileInfo>("--out")
        {
            Description = "File for the private key; the public key is written next to it, with the extension .pub.pem.", Required = true,
        };
        const string description =
            "Create a key pair (ECDSA, P-256). Keep the private key secret; give the public key to those who verify bundles.";
        var create = new Command("create", description) { path };
        create.SetAction(parsed => Failures.Report(parsed, () =>
        {
            var (publicPath, id) = SigningKey.Create(parsed.GetRequiredValue(path).FullName);
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine($"Private key {parsed.GetRequiredValue(path).FullName} (keep it secret: whoever can read it can seal)");
            output.WriteLine($"Public key  {publicPath}");
            output.WriteLine($"Key id      {id}");
            return ExitCode.Success;
        }));
        return new Command("keys", "Create keys for sealing bundles.") { create };
    }
}
