using FraudScoring.Core.Profiles;

namespace FraudScoring.Tests.Core.Profiles;

public sealed class DistinctSketchTests
{
    [TestCase(1, 0.02)]
    [TestCase(5, 0.10)]
    [TestCase(20, 0.15)]
    [TestCase(100, 0.18)]
    [TestCase(1_000, 0.18)]
    [TestCase(20_000, 0.18)]
    public void Estimate_ManySets_HasTheStandardErrorThatIsPromised(int distinct, double standardError)
    {
        var errors = Enumerable.Range(0, 400).Select(seed =>
        {
            var random = new Random(seed);
            var sketch = default(DistinctSketch);
            var values = new HashSet<uint>();
            while (values.Count < distinct)
            {
                var value = (uint)random.Next(1, 1 << 24);
                values.Add(value);
                sketch.Add(value);
            }
            return (sketch.Estimate() - distinct) / distinct;
        }).ToArray();
        Assert.That(Math.Sqrt(errors.Average(e => e * e)), Is.LessThan(standardError));
        Assert.That(errors.Average(), Is.EqualTo(0).Within(0.05), "bias");
    }

    [Test]
    public void Merge_AnySplitOfTheValues_IsTheSketchOfAll()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var parts = new DistinctSketch[4];
            var all = default(DistinctSketch);
            for (var i = random.Next(2_000); i > 0; i--)
            {
                var value = (uint)random.Next(1 << 24);
                all.Add(value);
                parts[random.Next(4)].Add(value);
                parts[random.Next(4)].Add(value);
            }
            random.Shuffle(parts);
            var merged = default(DistinctSketch);
            foreach (ref readonly var part in parts.AsSpan())
            {
                merged.Merge(part);
            }
            Assert.That(Words(merged), Is.EqualTo(Words(all)));
        }
    }

    [Test]
    public void Add_NoValue_LeavesItEmpty()
    {
        var sketch = default(DistinctSketch);
        sketch.Add(0);
        Assert.That((sketch.IsEmpty, sketch.Estimate()), Is.EqualTo((true, 0.0)));
        sketch.Add(1);
        Assert.That(sketch.IsEmpty, Is.False);
    }

    private static ulong[] Words(in DistinctSketch sketch) => [sketch[0], sketch[1], sketch[2], sketch[3]];
}
