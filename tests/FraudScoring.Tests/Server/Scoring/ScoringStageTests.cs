using System.Diagnostics;
using System.Text.RegularExpressions;
using FraudScoring.Server.Scoring;
using FraudScoring.Tests.Server.Monitoring;

namespace FraudScoring.Tests.Server.Scoring;

/// <summary>The score path has one list of stages; code, metrics, spans and documentation agree.</summary>
public sealed partial class ScoringStageTests
{
    [Test]
    public void BenchmarksReadme_TableOfTheBudget_HasTheStagesInOrder()
    {
        var readme = File.ReadAllText(RepositoryFiles.Path("benchmarks", "README.md"));
        var section = readme[readme.IndexOf("## The budget", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", StringComparison.Ordinal)];
        Assert.That(TableRow().Matches(section).Select(m => (int.Parse(m.Groups[1].Value), m.Groups[2].Value)), Is.EqualTo(Numbered()));
    }

    [Test]
    public void PaymentScorer_CommentAndBody_HaveTheSameNumbers()
    {
        var source = File.ReadAllText(RepositoryFiles.Path("src", "FraudScoring.Server", "Scoring", "PaymentScorer.cs"));
        var parts = source.Split("internal sealed class PaymentScorer", 2);
        var named = ScoringStages.All.Select(stage => $"{(int)stage + 1} {stage}").ToArray();
        foreach (var stage in named)
        {
            Assert.That(parts[0], Does.Contain(stage + " "));
        }
        var positions = named.Skip((int)ScoringStage.ReadFeatures)
            .Select(stage => parts[1].IndexOf("// " + stage, StringComparison.Ordinal)).ToArray();
        Assert.That(positions, Has.All.GreaterThan(0));
        Assert.That(positions, Is.Ordered);
    }

    [Test]
    public void Metrics_HaveOneSeriesPerStage() => Assert.That(ScoringStages.Seconds, Has.Length.EqualTo(ScoringStages.All.Length));

    [Test]
    public void Trace_WhenListenedTo_GivesASpanPerStage_UnderTheRequest()
    {
        using var recorded = new RecordedSpans();
        var spans = recorded.Spans;
        using var request = new Activity("request").Start();
        var clock = new StageClock();
        clock.Start();
        foreach (var stage in ScoringStages.All)
        {
            clock.Mark(stage);
        }
        clock.Trace(TimeProvider.System.GetUtcNow().UtcDateTime);
        Assert.That(spans.Select(span => span.OperationName), Is.EqualTo(ScoringStages.Names));
        Assert.That(spans.Select(span => span.ParentSpanId), Has.All.EqualTo(request.SpanId));
        Assert.That(spans.Zip(spans.Skip(1)), Has.All.Matches<(Activity First, Activity Second)>(pair =>
            // A span without duration gets one tick.
            Math.Abs((pair.First.StartTimeUtc + pair.First.Duration - pair.Second.StartTimeUtc).Ticks) <= 1));
    }

    private static IEnumerable<(int, string)> Numbered() =>
        ScoringStages.All.Select(stage => ((int)stage + 1, ScoringStages.Names[(int)stage]));

    [GeneratedRegex(@"^\| (\d) \| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex TableRow();
}
