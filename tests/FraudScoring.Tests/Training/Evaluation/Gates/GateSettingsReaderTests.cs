using System.Text;
using System.Text.Json;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Evaluation.Gates;

namespace FraudScoring.Tests.Training.Evaluation.Gates;

public sealed class GateSettingsReaderTests
{
    [Test]
    public void Read_CommittedFile_IsTheDefaults() => Assert.That(
        Text(Read(RepositoryFiles.Bytes("models", "gates.json"))), Is.EqualTo(Text(new GateSettings())));

    [Test]
    public void Read_CommittedFile_ShowsEverySetting()
    {
        using var file = JsonDocument.Parse(RepositoryFiles.Bytes("models", "gates.json"),
            new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        using var defaults = JsonDocument.Parse(Text(new GateSettings()));
        Assert.That(Names(file.RootElement, "$"), Is.EquivalentTo(Names(defaults.RootElement, "$")));
    }

    [Test]
    public void Read_NothingGiven_IsTheDefaults() => Assert.That(Text(Read("{}")), Is.EqualTo(Text(new GateSettings())));

    [Test]
    public void Read_SomeGiven_ReplacesThose()
    {
        var settings = Read("""
            {"seed": 5, "fairness": {"segments": ["attributes.age_band"], "flagged_from": "decline", "flagged_ratio_at_least": 0.5},
             "robustness": {"noise": {"largest_move_at_most": null}}}
            """);
        Assert.That(settings.Seed, Is.EqualTo(5));
        Assert.That(settings.Fairness.Segments, Is.EqualTo(new[] { "attributes.age_band" }));
        Assert.That(settings.Fairness.FlaggedFrom, Is.EqualTo(Decision.Decline));
        Assert.That(settings.Fairness.FlaggedRatioAtLeast, Is.EqualTo(0.5));
        Assert.That(settings.Robustness.Noise.LargestMoveAtMost, Is.Null);
        Assert.That(settings.Robustness.Unseen.LargestMoveAtMost, Is.EqualTo(new GateSettings().Robustness.Unseen.LargestMoveAtMost));
        Assert.That(GateNames.All(settings),
            Does.Contain("fairness.attributes.age_band.flagged_ratio").And.Not.Contain("robustness.noise.largest_move"));
    }

    [Test]
    public void Read_ManyFaults_AreAllNamedWithTheirPaths()
    {
        var faults = new Faults();
        Assert.That(GateSettingsReader.Parse(Encoding.UTF8.GetBytes("""
            {"sead": 1, "seed": -1, "period": {"frauds_at_least": 0}, "quality": {"resamples": 3, "confidence": 1, "auc_tolerance": "none"},
             "calibration": [], "stability": {"fold_days": 0.5},
             "robustness": {"missing": {"mean_move_at_most": 2, "extra": 1}, "unseen_fields": ["colour"]},
             "fairness": {"segments": ["country", "country"], "flagged_from": "approve", "payments_at_least": 0},
             "latency": {"ratio_at_most": 0}}
            """), faults), Is.Null);
        Assert.That(faults.Select(fault => fault.Field), Is.EquivalentTo(new[]
        {
            "$.sead", "$.seed", "$.period.frauds_at_least", "$.quality.resamples", "$.quality.confidence", "$.quality.auc_tolerance",
            "$.calibration", "$.stability.fold_days", "$.robustness.missing.mean_move_at_most", "$.robustness.missing.extra",
            "$.robustness.unseen_fields[0]", "$.fairness.segments[1]", "$.fairness.flagged_from",
            "$.fairness.payments_at_least", "$.latency.ratio_at_most",
        }));
    }

    [Test]
    public void Read_NoJson_SaysWhere()
    {
        var faults = new Faults();
        Assert.That(GateSettingsReader.Parse(Encoding.UTF8.GetBytes("{\"seed\": 1,,}"), faults), Is.Null);
        Assert.That(faults.Single().Message, Does.Contain("line 1"));
    }

    [Test]
    public void Read_CollectorHoldsFaults_StillGivesSettings()
    {
        Faults faults = [new Fault("other.json", "is wrong")];
        Assert.That(GateSettingsReader.Parse(Encoding.UTF8.GetBytes("{}"), faults), Is.Not.Null);
        Assert.That(faults, Has.Count.EqualTo(1));
    }

    private static GateSettings Read(string json) => Read(Encoding.UTF8.GetBytes(json));

    private static GateSettings Read(byte[] json)
    {
        var faults = new Faults();
        var settings = GateSettingsReader.Parse(json, faults);
        Assert.That(faults, Is.Empty);
        return settings!;
    }

    private static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static string Text(GateSettings settings) => JsonSerializer.Serialize(settings, Snake);

    private static IEnumerable<string> Names(JsonElement element, string path) => element.ValueKind != JsonValueKind.Object
        ? [path]
        : element.EnumerateObject().SelectMany(member => Names(member.Value, $"{path}.{member.Name}"));
}
