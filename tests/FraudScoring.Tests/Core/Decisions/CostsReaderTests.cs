using System.Text;
using System.Text.Json;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Tests.Core.Catalogue;

namespace FraudScoring.Tests.Core.Decisions;

public sealed class CostsReaderTests
{
    private static readonly byte[] Committed = RepositoryFiles.Bytes("models", "costs.json");

    [Test]
    public void Read_CollectorHoldsFaults_StillGivesCosts()
    {
        Faults faults = [new Fault("other.json", "is wrong")];
        Assert.That(CostsReader.Parse(Committed, faults), Is.Not.Null);
        Assert.That(faults, Has.Count.EqualTo(1));
    }

    [Test]
    public void Read_CommittedFile_HoldsTheDefaults()
    {
        var faults = new Faults();
        var costs = CostsReader.Parse(Committed, faults);
        Assert.That(faults, Is.Empty);
        Assert.That(JsonSerializer.Serialize(costs, ModelManifest.Json),
            Is.EqualTo(JsonSerializer.Serialize(new DecisionCosts(), ModelManifest.Json)));
    }

    [Test]
    public void Read_ManyFaults_NamesAll()
    {
        const string json = """
            {
              "fraud": { "loss_share": -1, "fixed": 1, "fee": 2 },
              "review": { "cost": "2", "catches": 1.1 },
              "challenge": { "cost": 0, "stops": 1, "legitimate_lost": 2 },
              "segments": { "by": "card", "amounts": [5, 4], "least_payments": 0, "least_frauds": 1 },
              "loss": 1
            }
            """;
        string[] expected =
        [
            "$.loss", "$.fraud.fee", "$.false_decline", "$.fraud.loss_share", "$.review.cost", "$.review.catches", "$.review.per_day",
            "$.challenge.legitimate_lost", "$.false_decline.amount_share", "$.false_decline.fixed", "$.segments.least_payments",
            "$.segments.by", "$.segments.amounts",
        ];
        var faults = new Faults();
        Assert.That(CostsReader.Parse(Encoding.UTF8.GetBytes(json), faults), Is.Null);
        Assert.That(faults.Select(fault => fault.Field), Is.EquivalentTo(expected));
    }

    [Test]
    public void Read_MutatedFile_NeverThrows()
    {
        var lines = Encoding.UTF8.GetString(Committed).Split('\n')
            .Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal));
        var plain = Encoding.UTF8.GetBytes(string.Join('\n', lines));
        for (var seed = 0; seed < 2_000; seed++)
        {
            var mutated = JsonMutation.Mutate(new Random(seed), plain);
            var faults = new Faults();
            Assert.That(() => CostsReader.Parse(mutated, faults) is null == faults.Count > 0, Is.True, $"seed {seed}");
        }
    }

    [Test]
    public void Of_FraudAndLegitimatePayment_CostsAreAsConfigured()
    {
        var costs = new DecisionCosts();
        Equal(costs.Compute(100, fraud: true), new ActionCosts(120, 2 + (0.25 * 120), 0.2 + (0.1 * 120), 0));
        Equal(costs.Compute(100, fraud: false), new ActionCosts(0, 2, 0.2 + (0.15 * 35), 35));

        static void Equal(ActionCosts actual, ActionCosts expected)
        {
            foreach (var decision in Enum.GetValues<Decision>())
            {
                Assert.That(actual.CostOf(decision), Is.EqualTo(expected.CostOf(decision)).Within(1e-12), decision.ToString());
            }
        }
    }
}
