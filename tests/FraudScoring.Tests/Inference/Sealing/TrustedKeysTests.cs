using System.Security.Cryptography;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Sealing;

namespace FraudScoring.Tests.Inference.Sealing;

public sealed class TrustedKeysTests
{
    private string _file = "";

    [SetUp]
    public void Create() => _file = Path.GetTempFileName();

    [TearDown]
    public void Delete() => File.Delete(_file);

    [Test]
    public void Read_SeveralKeysInOneFile_TrustsAll()
    {
        using var first = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var second = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_file, $"# ours\n{first.ExportSubjectPublicKeyInfoPem()}\n{second.ExportSubjectPublicKeyInfoPem()}\n");
        var faults = new Faults();
        var keys = TrustedKeys.Load([_file], faults);
        Assert.That(faults, Is.Empty);
        Assert.That((keys.Count, keys.Has(TrustedKeys.IdOf(first)), keys.Has(TrustedKeys.IdOf(second))), Is.EqualTo((2, true, true)));
        byte[] text = [1, 2, 3];
        var signature = Convert.ToBase64String(second.SignData(text, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        Assert.That(keys.Verify(TrustedKeys.IdOf(second), text, signature));
        Assert.That(keys.Verify(TrustedKeys.IdOf(first), text, signature), Is.False);
        Assert.That(keys.Verify(TrustedKeys.IdOf(second), [1, 2], signature), Is.False);
        Assert.That(keys.Verify(TrustedKeys.IdOf(second), text, "no Base64"), Is.False);
        Assert.That(keys.Verify(TrustedKeys.IdOf(second), text, ""), Is.False);
        Assert.That(keys.Verify("unknown", text, signature), Is.False);
    }

    [Test]
    public void Read_FilesThatCannotBeUsed_SaysOfEachWhy()
    {
        using var longer = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var ours = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string[] contents =
        [
            longer.ExportSubjectPublicKeyInfoPem(), ours.ExportPkcs8PrivateKeyPem(), "nothing",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        ];
        string[] expected =
            ["is not on the curve P-256", "holds a PRIVATE KEY; only public keys", "holds no public key (PEM)", "cannot be used"];
        foreach (var (content, text) in contents.Zip(expected))
        {
            File.WriteAllText(_file, content);
            var faults = new Faults();
            Assert.That(TrustedKeys.Load([_file], faults).Count, Is.Zero);
            Assert.That(faults.Single().ToString(), Does.StartWith(_file).And.Contain(text));
        }
        var missing = new Faults();
        TrustedKeys.Load([_file + ".no", _file + ".nor"], missing);
        Assert.That(missing, Has.Count.EqualTo(2));
    }
}
