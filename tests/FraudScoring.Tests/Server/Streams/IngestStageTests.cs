using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FraudScoring.Server.Streams;
using FraudScoring.Tests.Server.Monitoring;

namespace FraudScoring.Tests.Server.Streams;

/// <summary>The path of a batch of records has one list of stages; code, metrics, spans and documentation agree.</summary>
public sealed partial class IngestStageTests
{
    [Test]
    public void Names_AreThoseOfThePath() =>
        Assert.That(IngestStages.Names, Is.EqualTo(new[] { "poll", "parse", "claim", "read", "apply", "write", "checkpoint" }));

    [Test]
    public void Architecture_TableOfARecordsPath_HasTheStagesInOrder()
    {
        var readme = File.ReadAllText(RepositoryFiles.Path("src", "README.md"));
        var section = readme[readme.IndexOf("### A record", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n### A training run", StringComparison.Ordinal)];
        Assert.That(TableRow().Matches(section)
            .Select(m => (int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture), m.Groups[2].Value)),
            Is.EqualTo(IngestStages.All.Select(stage => ((int)stage + 1, IngestStages.Names[(int)stage]))));
    }

    [Test]
    public void IngestLoop_CommentAndBody_HaveTheSameNumbers()
    {
        var parts = Source("IngestLoop.cs").Split("internal sealed class IngestLoop", 2);
        Assert.That(NumberedLine().Matches(parts[0]).Select(m => $"{m.Groups[1]} {m.Groups[2]}"), Is.EqualTo(Numbered()));
        var body = parts[1];
        var comments = body.Split('\n').Where(line => line.TrimStart().StartsWith("// ", StringComparison.Ordinal) && Stop().IsMatch(line));
        Assert.That(comments.SelectMany(line => Stop().Matches(line)).Select(m => m.Value), Is.EqualTo(Numbered()));
    }

    [Test]
    public void RedisProfileWriter_Body_HasTheNumbersOfItsPart() => Assert.That(
        Source("RedisProfileWriter.cs").Split('\n').Where(line => line.TrimStart().StartsWith("// ", StringComparison.Ordinal))
            .SelectMany(line => Stop().Matches(line)).Select(m => m.Value),
        Is.EqualTo(Numbered().Skip((int)IngestStage.Read).Take(3)));

    [Test]
    public async Task Clock_OfATopic_MakesASeriesPerStage_AtZero()
    {
        var topic = $"topic-{Guid.NewGuid():N}";
        _ = new IngestClock(topic);
        Assert.That(await CountsAsync(topic), Is.EquivalentTo(IngestStages.Names.Select(name => (name, 0))));
    }

    [Test]
    public async Task Report_ObservesTheStagesThatWereMade_Once()
    {
        var topic = $"topic-{Guid.NewGuid():N}";
        var clock = new IngestClock(topic);
        var since = clock.Record(IngestStage.Poll, IngestClock.Now);
        since = clock.Record(IngestStage.Parse, since);
        clock.Record(IngestStage.Poll, since);
        clock.Report(TimeProvider.System.GetUtcNow().UtcDateTime, 1);
        clock.Report(TimeProvider.System.GetUtcNow().UtcDateTime, 1);
        Assert.That(await CountsAsync(topic), Is.EquivalentTo(
            IngestStages.Names.Select(name => (name, name is "poll" or "parse" ? 1 : 0))), "the first report forgets the times");
    }

    [Test]
    public void Report_WhenListenedTo_GivesASpanPerStage_UnderTheBatch()
    {
        using var recorded = new RecordedSpans();
        var spans = recorded.Spans;
        var clock = new IngestClock("topic-traced");
        var begin = IngestClock.Now;
        foreach (var stage in IngestStages.All)
        {
            clock.Record(stage, IngestClock.Now);
        }
        clock.Report(TimeProvider.System.GetUtcNow().UtcDateTime, 3);
        Assert.That(spans.Select(span => span.OperationName), Is.EqualTo(IngestStages.Names.Append(IngestClock.SpanName)));
        var batch = spans[^1];
        Assert.That(spans.SkipLast(1).Select(span => span.ParentSpanId), Has.All.EqualTo(batch.SpanId));
        Assert.That(batch.GetTagItem("messaging.destination.name"), Is.EqualTo("topic-traced"));
        Assert.That(batch.GetTagItem("messaging.batch.message_count"), Is.EqualTo(3));
        Assert.That(batch.Duration, Is.LessThanOrEqualTo(Stopwatch.GetElapsedTime(begin)));
        Assert.That(spans.SkipLast(1).Select(span => span.StartTimeUtc), Is.Ordered.And.All.GreaterThanOrEqualTo(batch.StartTimeUtc));
    }

    private static string Source(string file) => File.ReadAllText(RepositoryFiles.Path("src", "FraudScoring.Server", "Streams", file));

    private static IEnumerable<string> Numbered() => IngestStages.All.Select(stage => $"{(int)stage + 1} {stage}");

    private static async Task<List<(string Stage, int Count)>> CountsAsync(string topic)
    {
        using var stream = new MemoryStream();
        await Prometheus.Metrics.DefaultRegistry.CollectAndExportAsTextAsync(stream);
        return [.. Count().Matches(Encoding.UTF8.GetString(stream.ToArray())).Where(m => m.Groups["topic"].Value == topic)
            .Select(m => (m.Groups["stage"].Value, int.Parse(m.Groups["count"].Value, CultureInfo.InvariantCulture)))];
    }

    [GeneratedRegex(@"^\| (\d) \| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"^/// (\d) ([A-Z]\w+) ", RegexOptions.Multiline)]
    private static partial Regex NumberedLine();

    [GeneratedRegex(@"\b\d [A-Z]\w+")]
    private static partial Regex Stop();

    [GeneratedRegex("""^fraud_ingest_stage_seconds_count\{topic="(?<topic>[^"]*)",stage="(?<stage>\w+)"\} (?<count>\d+)""",
        RegexOptions.Multiline)]
    private static partial Regex Count();
}
