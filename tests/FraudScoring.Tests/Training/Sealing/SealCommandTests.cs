using System.Runtime.Versioning;
using FraudScoring.Inference.Sealing;
using FraudScoring.Training.Commands;

namespace FraudScoring.Tests.Training.Sealing;

public sealed class SealCommandTests
{
    private SealedFolder _bundle = null!;

    [SetUp]
    public void Copy() => _bundle = new SealedFolder();

    [TearDown]
    public void Delete() => _bundle.Dispose();

    [Test]
    [UnsupportedOSPlatform("windows")]
    public void Create_Key_OnlyItsOwnerReadsIt_AndItIsNeverOverwritten()
    {
        var key = _bundle.Key("release");
        Assert.That(File.GetUnixFileMode(key), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(File.ReadAllText(SealedFolder.PublicOf(key)), Does.StartWith("-----BEGIN PUBLIC KEY-----").And.Not.Contain("PRIVATE"));
        var before = File.ReadAllBytes(key);
        var (code, _, error) = _bundle.Run("keys", "create", "--out", key);
        Assert.That((code, File.ReadAllBytes(key)), Is.EqualTo((ExitCode.Failure, before)));
        Assert.That(error, Does.Contain("a key is never overwritten"));
    }

    [Test]
    public void Verify_SealedAndApproved_ShowsSignersAndApprovers()
    {
        var (release, risk) = (_bundle.Key("release"), _bundle.Key("risk"));
        var manifest = File.ReadAllBytes(_bundle.InBundle("manifest.json"));
        _bundle.Seal(release, _bundle.Gates(waived: "stability"));
        _bundle.Time.Advance(TimeSpan.FromHours(1));
        _bundle.Approve(risk, "Grace");
        var (code, output, error) = _bundle.Run("verify", "--bundle", _bundle.Folder, "--require-gates", "--approvals", "1",
            "--trust", SealedFolder.PublicOf(release), "--trust", SealedFolder.PublicOf(risk));
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(output, Does.Contain("gates passed with 1 waived").And.Contain("stability, by Ada: known and small")
            .And.Contain("2026-11-24T08:00:00Z valid").And.Contain("2026-11-24T09:00:00Z valid").And.Contain("Grace: seen and fine")
            .And.Contain("payments 1 is intact: " + _bundle.Hash));
        Assert.That(File.ReadAllBytes(_bundle.InBundle("manifest.json")), Is.EqualTo(manifest), "sealing does not change the manifest");
    }

    [Test]
    public void Verify_WhatIsNotRight_FailsWithAllFaults()
    {
        var key = _bundle.Key("release");
        File.AppendAllText(_bundle.InBundle("MODEL_CARD.md"), "x");
        var (code, _, error) = _bundle.Run("verify", "--bundle", _bundle.Folder, "--trust", SealedFolder.PublicOf(key), "--trust", key);
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(error,
            Does.Contain("MODEL_CARD.md: was altered").And.Contain("must be sealed here").And.Contain("holds a PRIVATE KEY"));
    }

    [TestCase("model.onnx", "model.onnx: was altered")]
    [TestCase("manifest.json", "belongs to another manifest")]
    [TestCase(BundleSeal.GatesFileName, "gates.json: was altered")]
    public void Verify_AlteredAfterItWasSealed_CallsNothingValid(string file, string expected)
    {
        var key = _bundle.Key("release");
        _bundle.Seal(key, _bundle.Gates());
        _bundle.Approve(key, "Grace");
        File.AppendAllText(_bundle.InBundle(file), "\n");
        var (code, output, error) = _bundle.Run("verify", "--bundle", _bundle.Folder, "--trust", SealedFolder.PublicOf(key));
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(error, Does.Contain(expected));
        Assert.That(output, Does.Contain("NOT INTACT").And.Contain("covers the sealed bundle only")
            .And.Not.Contain(" valid").And.Not.Contain("is intact"));
        var lines = output.Split('\n');
        Assert.That(Array.FindIndex(lines, line => line.Contains("NOT INTACT", StringComparison.Ordinal)),
            Is.LessThan(Array.FindIndex(lines, line => line.StartsWith("signed", StringComparison.Ordinal))));
    }

    [Test]
    public void Seal_GatesThatFailed_IsRefused_UnlessWaived()
    {
        var key = _bundle.Key("release");
        Refused(_bundle.Gates(passed: false, failed: "fairness"), "the gate fairness failed and was not waived: 0.7 is below 0.8");
        Refused(_bundle.Gates(passed: false), "says not passed, but no gate in it failed");
        Refused(_bundle.Gates(passed: true, hash: "abc"), "belongs to another bundle, payments 1 with hash abc");
        Refused(_bundle.Gates(passed: false, failed: "fairness", hash: "abc"), "belongs to another bundle", "the gate fairness failed");
        File.WriteAllText(_bundle.PathOf("gates.json"), "{\"passed\": true}");
        Refused(_bundle.PathOf("gates.json"), "is not a gate report");
        Assert.That(new[] { BundleSeal.FileName, BundleSeal.GatesFileName }.Where(name => File.Exists(_bundle.InBundle(name))), Is.Empty);
        _bundle.Seal(key, _bundle.Gates(waived: "fairness"));
        Assert.That(_bundle.Faults(gates: true, trusted: key), Is.Empty);

        void Refused(string gates, params string[] expected)
        {
            var (code, _, error) = _bundle.Run("seal", "--bundle", _bundle.Folder, "--key", key, "--gates", gates);
            Assert.That(code, Is.EqualTo(ExitCode.Failure));
            Assert.That(expected.All(text => error.Contains(text, StringComparison.Ordinal)), error);
        }
    }

    [Test]
    public void Seal_ReportThatTheCommandGateWouldNotWrite_IsRefusedWithAllFaults()
    {
        var key = _bundle.Key("release");
        var path = _bundle.Gates(waived: "stability");
        Change(report =>
        {
            report["format"] = 7;
            report["gates"]![0]!["status"] = "splendid";
            report["gates"]!.AsArray().Add(report["gates"]![0]!.DeepClone());
            report["waivers"]![0]!["because"] = " ";
        });
        Refused("has format 7", "the status of calibration must be one of passed, failed, waived, not_applicable",
            "contains the gate calibration 2 times", "the waiver of stability has no name or no reason");
        path = _bundle.Gates(waived: "stability");
        Change(report => report["waivers"] = new System.Text.Json.Nodes.JsonArray());
        Refused("stability has status waived, but the report has no waiver of it");
        path = _bundle.Gates(failed: "stability");
        Change(report => report["gates"] = new System.Text.Json.Nodes.JsonArray());
        Refused("contains no gates");
        path = _bundle.Gates(waived: "stability");
        Change(report => report["waivers"]![0]!["by"] = "Ada\u001b[2K");
        Refused("contains unprintable characters");

        void Change(Action<System.Text.Json.Nodes.JsonNode> change)
        {
            var report = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!;
            change(report);
            File.WriteAllText(path, report.ToJsonString());
        }

        void Refused(params string[] expected)
        {
            var (code, _, error) = _bundle.Run("seal", "--bundle", _bundle.Folder, "--key", key, "--gates", path);
            Assert.That(code, Is.EqualTo(ExitCode.Failure));
            Assert.That(expected.All(text => error.Contains(text, StringComparison.Ordinal)), error);
        }
    }

    [Test]
    public void Seal_WaiverOfAGateThatPassed_IsNotSealed()
    {
        var key = _bundle.Key("release");
        var path = _bundle.Gates();
        var report = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!;
        report["waivers"] = System.Text.Json.Nodes.JsonNode.Parse("""[{"gate": "parity", "by": "Ada", "because": "to be sure"}]""");
        File.WriteAllText(path, report.ToJsonString());
        _bundle.Seal(key, path);
        var (_, output, _) = _bundle.Run("verify", "--bundle", _bundle.Folder, "--trust", SealedFolder.PublicOf(key));
        Assert.That(output, Does.Contain("gates passed").And.Not.Contain("waived"));
    }

    [Test]
    public void Seal_ReportNextToTheSealOverwritten_IsRepairedBySealingAgain()
    {
        // The state after a command was stopped between the report and the seal.
        var key = _bundle.Key("release");
        _bundle.Seal(key, _bundle.Gates());
        File.WriteAllText(_bundle.InBundle(BundleSeal.GatesFileName), "{}");
        var (code, _, error) = _bundle.Run("seal", "--bundle", _bundle.Folder, "--key", key);
        Assert.That((code, error.Contains("seal the bundle again with --gates", StringComparison.Ordinal)),
            Is.EqualTo((ExitCode.Failure, true)), error);
        _bundle.Seal(key, _bundle.Gates(waived: "stability"));
        Assert.That(_bundle.Faults(gates: true, trusted: key), Is.Empty);
    }

    [Test]
    public void Verify_TextsWithControlCharacters_AreNotPrinted()
    {
        var key = _bundle.Key("release");
        _bundle.Seal(key, _bundle.Gates(waived: "stability"));
        _bundle.Approve(key, "Grace");
        _bundle.ChangeSeal(seal =>
            (seal["approvals"]![0]!["by"], seal["gates"]!["waivers"]![0]!["because"]) = ("Gr\u202Eace", "x\u001b[1Ay"));
        var (code, output, error) = _bundle.Run("verify", "--bundle", _bundle.Folder, "--trust", SealedFolder.PublicOf(key));
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(error, Does.Contain("approvals[0].by").And.Contain("gates.waivers[0].because"));
        Assert.That(output + error, Does.Not.Contain('\u001b').And.Not.Contain('\u202E'));
    }

    [Test]
    public void Seal_WithOtherGates_DropsEarlierApprovals()
    {
        var key = _bundle.Key("release");
        _bundle.Seal(key);
        _bundle.Approve(key, "Grace");
        _bundle.Seal(key);
        Assert.That(_bundle.Faults(approvals: 1, trusted: key), Is.Empty, "sealing again with the same gates changes nothing");
        _bundle.Seal(key, _bundle.Gates());
        Assert.That(_bundle.Faults(approvals: 1, trusted: key).Single(), Does.Contain("has 0 of 1 required approvals by trusted keys"));
        _bundle.Seal(_bundle.Key("second"));
        Assert.That(_bundle.Faults(gates: true, trusted: key), Is.Empty, "another signature keeps gates and signatures");
    }

    [Test]
    public void SealAndApprove_GatesThatAreNotWhatTheirReportSays_AreRefused()
    {
        var key = _bundle.Key("release");
        _bundle.Seal(key, _bundle.Gates(waived: "stability"));
        _bundle.ChangeSeal(seal => (seal["gates"]!["passed"], seal["gates"]!["waivers"]) = (true, new System.Text.Json.Nodes.JsonArray()));
        foreach (var command in new[] { new[] { "seal" }, ["approve", "--name", "Grace"] })
        {
            var (code, _, error) = _bundle.Run([.. command, "--bundle", _bundle.Folder, "--key", key]);
            Assert.That((code, error.Contains("differs from the gates in the seal", StringComparison.Ordinal)),
                Is.EqualTo((ExitCode.Failure, true)), error);
        }
    }

    [Test]
    public void Seal_AlteredBundleOrInvalidKey_IsRefused()
    {
        var key = _bundle.Key("release");
        var (code, _, error) = _bundle.Run("seal", "--bundle", _bundle.Folder, "--key", SealedFolder.PublicOf(key));
        Assert.That((code, error.Contains("is not a private key that can sign", StringComparison.Ordinal)),
            Is.EqualTo((ExitCode.Failure, true)), error);
        File.AppendAllText(_bundle.InBundle("model.onnx"), "x");
        (code, _, error) = _bundle.Run("seal", "--bundle", _bundle.Folder, "--key", key);
        Assert.That((code, error.Contains("was altered", StringComparison.Ordinal)), Is.EqualTo((ExitCode.Failure, true)), error);
        Assert.That(File.Exists(_bundle.InBundle(BundleSeal.FileName)), Is.False);
    }

    [Test]
    public void Approve_UnsealedBundleOrBadName_IsRefused()
    {
        var key = _bundle.Key("release");
        Assert.That(_bundle.Run("approve", "--bundle", _bundle.Folder, "--key", key, "--name", "Ada").Error,
            Does.Contain("is not sealed yet"));
        _bundle.Seal(key);
        var (code, _, error) = _bundle.Run("approve", "--bundle", _bundle.Folder, "--key", key, "--name", " ", "--comment", "a\nb");
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(error, Does.Contain("--name: must be").And.Contain("--comment: must be"));
    }
}
