using System.CommandLine;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Sealing;
using FraudScoring.Training.Sealing;

namespace FraudScoring.Training.Commands;

/// <summary><c>seal</c>, <c>approve</c> and <c>verify</c>: signed statements of who vouches for a bundle.</summary>
internal sealed class SealCommand(TimeProvider time)
{
    private readonly Option<DirectoryInfo> _bundle = new("--bundle")
    {
        Description = "Bundle folder, such as models/payments/1.", Required = true,
    };

    private readonly Option<FileInfo> _key = new("--key")
    {
        Description = "Your private key (PEM), created by 'keys create'.", Required = true,
    };

    private readonly Option<FileInfo?> _gates = new("--gates")
    {
        Description = "Gate report (gates.json, written by 'gate'); it is copied into the bundle.",
    };

    private readonly Option<string> _name = new("--name") { Description = "Name of the approver.", Required = true };

    private readonly Option<string> _comment = new("--comment") { Description = "Comment of the approver.", DefaultValueFactory = _ => "" };

    private readonly Option<FileInfo[]> _trust = new("--trust")
    {
        Description = "Public keys to trust (PEM). Repeat the option, or put several keys into one file.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<bool> _requireGates = new("--require-gates") { Description = "Fail if the seal holds no gate report." };

    private readonly Option<int> _approvals = new("--approvals")
    {
        Description = "Number of approvals by trusted keys that the seal must hold.", DefaultValueFactory = _ => 0,
    };

    public static IEnumerable<Command> Create(TimeProvider time)
    {
        var all = new SealCommand(time);
        yield return CreateCommand("seal", "Sign a bundle together with its gate report.", all.Sign, all._bundle, all._key, all._gates);
        yield return CreateCommand("approve", "Approve a sealed bundle with a signed statement.", all.Approve,
            all._bundle, all._key, all._name, all._comment);
        yield return CreateCommand("verify", "Verify a bundle's files, seal and approvals.", all.Verify,
            all._bundle, all._trust, all._requireGates, all._approvals);
    }

    private static Command CreateCommand(string name, string description, Func<ParseResult, int> run, params Option[] options)
    {
        var command = new Command(name, description);
        foreach (var option in options)
        {
            command.Add(option);
        }
        command.SetAction(parsed => Failures.Report(parsed, () => run(parsed)));
        return command;
    }

    private int Sign(ParseResult parsed)
    {
        using var key = SigningKey.Load(parsed.GetRequiredValue(_key).FullName);
        var gates = parsed.GetValue(_gates)?.FullName;
        var seal = SealChange.Create(parsed.GetRequiredValue(_bundle).FullName, time, newGates: gates is not null).Sign(key, gates);
        parsed.InvocationConfiguration.Output.WriteLine($"Sealed {seal.Manifest} with key {key.Id}, {Gates(seal)}.");
        return ExitCode.Success;
    }

    private int Approve(ParseResult parsed)
    {
        using var key = SigningKey.Load(parsed.GetRequiredValue(_key).FullName);
        var seal = SealChange.Create(parsed.GetRequiredValue(_bundle).FullName, time)
            .Approve(key, parsed.GetRequiredValue(_name), parsed.GetRequiredValue(_comment));
        parsed.InvocationConfiguration.Output.WriteLine($"Approved {seal.Manifest} with key {key.Id}, {Gates(seal)}.");
        return ExitCode.Success;
    }

    private int Verify(ParseResult parsed)
    {
        var folder = parsed.GetRequiredValue(_bundle).FullName;
        var faults = new Faults();
        var keys = TrustedKeys.Load(parsed.GetRequiredValue(_trust).Select(file => file.FullName), faults);
        // The files are checked first and on their own: a signature vouches for them only while their hashes match the manifest.
        var isIntact = SealedBundle.Load(folder, SealRequirements.None, []) is not null;
        var bundle = SealedBundle.Load(
            folder, new SealRequirements(keys, true, parsed.GetValue(_requireGates), parsed.GetRequiredValue(_approvals)), faults);
        var output = parsed.InvocationConfiguration.Output;
        if (BundleSeal.Load(Path.Combine(folder, BundleSeal.FileName), []) is { } seal)
        {
            foreach (var line in Lines(seal, keys, isIntact))
            {
                output.WriteLine(line);
            }
        }
        if (bundle is null || faults.Count > 0)
        {
            throw new InvalidDataException(faults.ToLines());
        }
        output.WriteLine($"{bundle.Manifest.Id} is intact: {bundle.Hash}");
        return ExitCode.Success;
    }

    private static IEnumerable<string> Lines(BundleSeal seal, TrustedKeys keys, bool isIntact)
    {
        yield return isIntact ? $"bundle    {seal.Manifest}"
            : $"bundle    {seal.Manifest}, NOT INTACT: the statements below cover the bundle as it was sealed, not these files";
        yield return $"gates     {Gates(seal)}";
        foreach (var waiver in seal.Gates?.Waivers ?? [])
        {
            yield return $"waived    {waiver.Gate}, by {waiver.By}: {waiver.Because}";
        }
        foreach (var signature in seal.Signatures)
        {
            var statement = SealStatement.OfSignature(seal, signature.At);
            yield return $"signed    {signature.At} {Standing(keys, signature.Key, statement, signature.Signature, isIntact)}";
        }
        foreach (var a in seal.Approvals)
        {
            var statement = SealStatement.OfApproval(seal, a.By, a.Comment, a.At);
            yield return $"approved  {a.At} {Standing(keys, a.Key, statement, a.Signature, isIntact)} {a.By}: {a.Comment}";
        }
    }

    private static string Standing(TrustedKeys keys, string key, byte[] statement, string signature, bool isIntact)
    {
        var standing = !keys.Has(key) ? "not trusted"
            : !keys.Verify(key, statement, signature) ? "NOT VALID"
            : isIntact ? "valid" : "covers the sealed bundle only";
        return $"{standing}, key {key}";
    }

    private static string Gates(BundleSeal seal) => seal.Gates switch
    {
        null => "without a gate report",
        { Waivers.Count: > 0 } gates => $"gates passed with {gates.Waivers.Count} waived",
        _ => "gates passed",
    };
}
