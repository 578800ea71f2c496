using CsCheck;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using Microsoft.Extensions.Time.Testing;

namespace FraudScoring.Tests.Server.Features;

/// <summary>The state that consumers keep between batches, compared with simple models.</summary>
public sealed class StreamStateTests
{
    private enum Step
    {
        Set,
        Advance,
        Forget,
        Clear,
    }

    [Test]
    public void StateMarkers_AnySteps_AreAsTheModelSays() =>
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 2], Gen.Int[0, EntityKey.Buckets - 1], Gen.Long[0, 50]).Array[0, 60].Sample(steps =>
        {
            var (markers, model) = (new StateMarkers(), new Dictionary<(int Source, int Bucket), long>());
            foreach (var (step, source, bucket, offset) in steps)
            {
                Take(markers, model, step, source, bucket, offset);
            }
            return Enumerable.Range(0, 3).All(source =>
            {
                var known = model.Where(entry => entry.Key.Source == source).ToDictionary(entry => entry.Key.Bucket, entry => entry.Value);
                return markers.IsKnown(source) == (known.Count > 0) && markers.Sources.Contains(source) == (known.Count > 0)
                    && markers.Least(source) == known.Values.DefaultIfEmpty(0).Min()
                    && Enumerable.Range(0, EntityKey.Buckets).All(bucket => markers.At(source, bucket) == known.GetValueOrDefault(bucket));
            });
        }, iter: 500);

    [Test]
    public void StreamHealth_BeforeAnyReport_LagsSinceTheStart()
    {
        var time = new FakeTimeProvider();
        var health = new StreamHealth(time);
        Assert.That(health.IsCaughtUp, Is.False, "nothing is known yet");
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.That((health.Lag, health.IsCaughtUp, health.HasReadUpToStart), Is.EqualTo((TimeSpan.FromSeconds(7), false, false)));
    }

    /// <summary>Silence counts as lag: what is not known must not look fresh.</summary>
    [Test]
    public void StreamHealth_AnyReports_LagGrowsFromTheLastOne() =>
        Gen.Select(Gen.Int[0, 5_000], Gen.Int[0, 5_000], Gen.Int[0, 5_000], Gen.Bool).Sample((before, lagMs, silentMs, hasRead) =>
        {
            var time = new FakeTimeProvider();
            var health = new StreamHealth(time);
            time.Advance(TimeSpan.FromMilliseconds(before));
            health.Report(time.GetTimestamp(), TimeSpan.FromMilliseconds(lagMs), hasRead);
            time.Advance(TimeSpan.FromMilliseconds(silentMs));
            return health.Lag == TimeSpan.FromMilliseconds(lagMs + silentMs) && health.HasReadUpToStart == hasRead
                && health.IsCaughtUp == (health.Lag < StreamHealth.Resolution);
        }, iter: 500);

    [Test]
    public void StreamHealth_ThatHasReadUpToTheStart_HasForGood()
    {
        var health = new StreamHealth(new FakeTimeProvider());
        health.Report(0, TimeSpan.Zero, hasReadUpToStart: true);
        health.Report(0, TimeSpan.FromDays(40), hasReadUpToStart: false);
        Assert.That(health.HasReadUpToStart, Is.True);
    }

    private static readonly Gen<ParkedLabel> AnyLabel = Gen.Select(
        Gen.Long[0, long.MaxValue], Gen.Long, Gen.Int, Gen.Long, Gen.Byte.Array[0, 40],
        (labelTime, parked, partition, offset, value) => new ParkedLabel(labelTime, parked, partition, offset, value));

    [Test]
    public void ParkedLabel_AnyThereAndBack_IsTheSame() => AnyLabel.Sample(label =>
    {
        var read = ParkedLabel.Parse(label.ToBytes());
        return read with { Value = label.Value } == label && read.Value.AsSpan().SequenceEqual(label.Value);
    }, iter: 1_000);

    /// <summary>As the script that parks labels joins them.</summary>
    [Test]
    public void ParkedLabel_SeveralOfATransaction_AreReadInOrderOfTime() => AnyLabel.Array[0, 8].Sample(labels =>
    {
        var joined = labels.Select(label => label.ToBytes())
            .SelectMany(bytes => System.Text.Encoding.ASCII.GetBytes($"{bytes.Length:D8}").Concat(bytes)).ToArray();
        return ParkedLabel.ParseAll(joined).Select(label => (label.LabelTimeMs, label.Offset, Convert.ToHexString(label.Value)))
            .SequenceEqual(labels.OrderBy(label => label.LabelTimeMs).ThenBy(label => label.Offset)
                .Select(label => (label.LabelTimeMs, label.Offset, Convert.ToHexString(label.Value))));
    }, iter: 300);

    [Test]
    public void CorruptProfiles_MoreThanFit_KeepsTheFirstInOrder()
    {
        var corrupt = new CorruptProfiles();
        for (var i = 0; i < 1_500; i++)
        {
            corrupt.Record(i % 3, new EntityKey((ulong)i, 1));
        }
        var found = new List<CorruptProfile>();
        while (corrupt.Found.TryRead(out var one))
        {
            found.Add(one);
        }
        var first = Enumerable.Range(0, 1_000).Select(i => new CorruptProfile(i % 3, new EntityKey((ulong)i, 1)));
        Assert.That(found, Is.EqualTo(first));
    }

    private static void Take(
        StateMarkers markers, Dictionary<(int Source, int Bucket), long> model, Step step, int source, int bucket, long offset)
    {
        switch (step)
        {
            case Step.Set:
                markers.Set(source, [.. Enumerable.Range(0, EntityKey.Buckets).Select(b => offset + b)]);
                for (var b = 0; b < EntityKey.Buckets; b++)
                {
                    model[(source, b)] = offset + b;
                }
                break;
            case Step.Advance:
                markers.Advance(source, bucket, offset);
                if (model.TryGetValue((source, bucket), out var before))
                {
                    model[(source, bucket)] = Math.Max(before, offset);
                }
                break;
            case Step.Forget:
                markers.Forget(source);
                model.Keys.Where(key => key.Source == source).ToList().ForEach(key => model.Remove(key));
                break;
            default:
                markers.Clear();
                model.Clear();
                break;
        }
    }
}
