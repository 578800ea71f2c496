using System.CommandLine;
using FraudScoring.Training.Sealing;

namespace FraudScoring.Training.Commands;

/// <summary><c>keys create</c>: makes a key that seals bundles.</summary>
internal static class KeysCommand
{
    public static Command Create()
    {
        var path = new Option<FileInfo>("--out") { Description = "File of the private key; the public one gets .pub.pem beside it.", Required = true };
        var create = new Command("create", "Make a key pair (ECDSA, P-256): keep the private one, give the public one to those who verify.") { path };
        create.SetAction(parsed => Failures.Report(parsed, () =>
        {
            var (publicPath, id) = SigningKey.Create(parsed.GetRequiredValue(path).FullName);
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine($"Private key {parsed.GetRequiredValue(path).FullName}: keep it where only those who may seal can read it.");
            output.WriteLine($"Public key  {publicPath}");
            output.WriteLine($"Key id      {id}");
            return ExitCode.Success;
        }));
        return new Command("keys", "Make keys that seal bundles.") { create };
    }
}
