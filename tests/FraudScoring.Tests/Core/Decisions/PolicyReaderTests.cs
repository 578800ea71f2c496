using System.Security.Cryptography;
using System.Text;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Tests.Core.Catalogue;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Decisions;

public sealed class PolicyReaderTests
{
    private const string Condition = "features.amount >= 1";

    [Test]
    public void Read_ServedPolicy_IsRight()
    {
        var bytes = RepositoryFiles.Bytes("models", "policy.json");
        var faults = new Faults();
        var policy = PolicyReader.Parse(bytes, TestCatalogues.Served, faults);
        Assert.That(faults, Is.Empty);
        Assert.That(policy!.Rules.Select(r => r.Code), Is.Unique);
        Assert.That(policy.Hash, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(bytes))));
    }

    [TestCase("{", "$: is not valid JSON: syntax error at line 1")]
    [TestCase("[]", "$: must be an object")]
    [TestCase("""{"without_model": "\ud800"}""", "$: is not valid JSON")]
    [TestCase("""{"rules": [], "rules": []}""", "$.rules: appears more than once")]
    [TestCase("""{"without_model": "review"}""", "$.rules: must be a list of 0 to 64 items")]
    [TestCase("""{"rules": []}""", "$.without_model: must be a string")]
    [TestCase("""{"rules": [], "without_model": "panic"}""", "$.without_model: must be approve, review, challenge or decline")]
    [TestCase("""{"rules": [], "without_model": "Review"}""", "$.without_model: must be approve, review, challenge or decline")]
    [TestCase("""{"rules": [], "without_model": "review", "allow": {}}""", "$.allow: is unknown")]
    [TestCase("""{"rules": [], "without_model": "review", "blocked": ["c1"]}""", "$.blocked: must be an object")]
    [TestCase("""{"rules": [], "without_model": "review", "trusted": "c1"}""", "$.trusted: must be an object")]
    public void Read_BadFile_NamesThePath(string json, string expected) =>
        Assert.That(TestPolicies.FaultsOf(json), Has.Some.StartsWith(expected));

    [TestCase("""{"review": 0.1, "challenge": 0.2}""", "$.thresholds.decline: must be a number from 0 to 1")]
    [TestCase("""{"review": 0.1, "challenge": 0.2, "decline": 1.2}""", "$.thresholds.decline: must be a number from 0 to 1")]
    [TestCase("""{"review": 0.3, "challenge": 0.2, "decline": 0.9}""", "$.thresholds: must ascend")]
    [TestCase("""{"review": 0.1, "challenge": 0.2, "decline": 0.9, "block": 1}""", "$.thresholds.block: is unknown")]
    [TestCase("0.5", "$.thresholds: must be an object")]
    [TestCase("""{"review": 0.1, "challenge": 0.2, "decline": 0.9, "by": "card"}""",
        "$.thresholds.by: must be channel, merchant_category, country or null")]
    [TestCase("""{"review": 0.1, "challenge": 0.2, "decline": 0.9, "by": "channel", "segments": [{"value": "atm", "review": 0.1}]}""",
        "$.thresholds.segments[0].challenge: must be a number from 0 to 1")]
    [TestCase("""{"review": 0, "challenge": 0, "decline": 1, "by": "channel", """
        + """ "segments": [{"value": "x", "review": 0, "challenge": 0, "decline": 1}]}""",
        "$.thresholds.segments[0].value: must be a channel")]
    public void Read_BadThresholds_NamesThePath(string thresholds, string expected) =>
        Assert.That(TestPolicies.FaultsOf(TestPolicies.Json(thresholds: thresholds)), Has.Some.StartsWith(expected));

    [TestCase("\"amount\": []", "$.blocked.amount: is not a field that can be listed")]
    [TestCase("\"channel\": []", "$.blocked.channel: is not a field that can be listed")]
    [TestCase("\"card\": \"c1\"", "$.blocked.card: must be a list")]
    [TestCase("\"card\": [1]", "$.blocked.card[0]: must be a string")]
    [TestCase("\"card\": [], \"card\": []", "$.blocked.card: appears more than once")]
    public void Read_BadList_NamesThePath(string blocked, string expected) =>
        Assert.That(TestPolicies.FaultsOf(TestPolicies.Json(blocked: blocked)), Has.Some.StartsWith(expected));

    [TestCase("7", "$.rules[0]: must be an object")]
    [TestCase("""{"code": "A", "text": "t", "when": [], "then": "review"}""", "$.rules[0].when: must be a condition")]
    [TestCase("""{"code": "A", "text": "t", "then": "review"}""", "$.rules[0].when: must be a condition")]
    [TestCase("""{"code": "A", "text": "t", "when": "true", "then": "stop"}""", "$.rules[0].then: must be approve")]
    [TestCase("""{"text": "t", "when": "true", "then": "review"}""", "$.rules[0].code: must be a string")]
    [TestCase("""{"code": "A", "when": "true", "then": "review"}""", "$.rules[0].text: must be a string")]
    [TestCase("""{"code": "A", "text": "t", "when": "features.amout >= 1", "then": "review"}""",
        "$.rules[0].when: at character 1: features.amout is unknown; did you mean features.amount?")]
    [TestCase("""{"code": "A", "text": "t", "when": "payment.device", "then": "review"}""",
        "$.rules[0].when: at character 1: the expression must be a boolean, but it is a text; compare it")]
    [TestCase("""{"code": "A", "text": "t", "when": "features.amount", "then": "review"}""",
        "$.rules[0].when: at character 1: the expression must be a boolean, but it is a number; compare it, such as features.amount != 0")]
    [TestCase("""{"code": "A", "text": "t", "when": "features.amount >= \"1\"", "then": "review"}""",
        "$.rules[0].when: at character 17: >= compares a number with a text; write the number without quotes")]
    [TestCase("""{"code": "A", "text": "t", "when": "true", "then": "review", "unless": "false"}""", "$.rules[0].unless: is unknown")]
    public void Read_BadRule_NamesThePath(string rule, string expected) =>
        Assert.That(TestPolicies.FaultsOf(TestPolicies.Json(rule)), Has.Some.StartsWith(expected));

    [Test]
    public void Read_ManyFaults_NamesAll()
    {
        var json = TestPolicies.Json(
            TestPolicies.Rule("A", "stop", "features.none >= 1 && payment") + ", 7", "\"amount\": []", "\"card\": 1",
                "{\"review\": 2}", "panic");
        string[] expected =
            ["$.thresholds.review", "$.thresholds.challenge", "$.without_model", "$.blocked.amount", "$.trusted.card",
                "$.rules[0].when", "$.rules[0].then", "$.rules[1]"];
        Assert.That(TestPolicies.FaultsOf(json).Select(f => f[..f.IndexOf(": ", StringComparison.Ordinal)]).Distinct(),
            Is.SupersetOf(expected));
    }

    [Test]
    public void Read_MoreRulesThanBits_IsAFault()
    {
        var rule = TestPolicies.Rule("A", "review", Condition);
        Assert.That(TestPolicies.FaultsOf(TestPolicies.Json(string.Join(",", Enumerable.Repeat(rule, 65)))),
            Has.Some.StartsWith("$.rules: must be a list of 0 to 64 items"));
        Assert.That(TestPolicies.FaultsOf(TestPolicies.Json(string.Join(",", Enumerable.Repeat(rule, 64)))), Is.Empty);
    }

    [Test]
    public void Read_MutatedPolicy_NeverThrows()
    {
        var json = RepositoryFiles.Bytes("models", "policy.json");
        // Mutated JSON is parsed strictly, so the comments are removed first.
        var lines = Encoding.UTF8.GetString(json).Split('\n').Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal));
        var plain = Encoding.UTF8.GetBytes(string.Join('\n', lines));
        for (var seed = 0; seed < 3_000; seed++)
        {
            var mutated = JsonMutation.Mutate(new Random(seed), plain);
            var faults = new Faults();
            Assert.That(() => PolicyReader.Parse(mutated, TestCatalogues.Served, faults) is null == faults.Count > 0, Is.True,
                $"seed {seed}");
        }
    }
}
