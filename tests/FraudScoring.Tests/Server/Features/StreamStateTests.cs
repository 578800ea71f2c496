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
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.That((health.Lag, health.IsCaughtUp, health.IsReported), Is.EqualTo((TimeSpan.FromSeconds(7), false, false)));
    }

    /// <summary>Silence counts as lag: a consumer that hangs must not look like a quiet stream.</summary>
    [Test]
    public void StreamHealth_AnyReports_LagIsSinceTheOldestRecordOrTheLastReport() =>
        Gen.Select(Gen.Int[0, 5_000], Gen.Bool, Gen.Int[0, 5_000], Gen.Int[0, 5_000]).Sample((before, isBehind, behindMs, silentMs) =>
        {
            var remaining = behindMs % 10;
            var time = new FakeTimeProvider();
            var health = new StreamHealth(time);
            time.Advance(TimeSpan.FromMilliseconds(before));
            health.Report(isBehind ? time.GetUtcNow().ToUnixTimeMilliseconds() - behindMs : null, remaining);
            time.Advance(TimeSpan.FromMilliseconds(silentMs));
            return health.IsReported && health.IsCaughtUp == !isBehind && health.Remaining == remaining
                && health.Lag == TimeSpan.FromMilliseconds(silentMs + (isBehind ? behindMs : 0));
        }, iter: 500);

    [Test]
    public void StreamHealth_RecordOfTheFuture_IsNoNegativeLag()
    {
        var time = new FakeTimeProvider();
        var health = new StreamHealth(time);
        health.Report(time.GetUtcNow().ToUnixTimeMilliseconds() + 60_000, 1);
        Assert.That(health.Lag, Is.EqualTo(TimeSpan.Zero));
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

    /// <summary>The script that parks labels keeps the greater bytes, which must be those of the later label.</summary>
    [Test]
    public void ParkedLabel_Bytes_AreInTheOrderOfTheLabelsTimes() => Gen.Select(AnyLabel, AnyLabel).Sample((one, other) =>
        one.LabelTimeMs == other.LabelTimeMs
            || Math.Sign(one.ToBytes().AsSpan().SequenceCompareTo(other.ToBytes())) == one.LabelTimeMs.CompareTo(other.LabelTimeMs),
        iter: 1_000);

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
