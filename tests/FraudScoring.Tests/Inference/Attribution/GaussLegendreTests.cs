using FraudScoring.Inference.Attribution;

namespace FraudScoring.Tests.Inference.Attribution;

public sealed class GaussLegendreTests
{
    [Test]
    public void Rule_PolynomialsUpToTwicePointsMinusOne_AreExact([Values(1, 2, 4, 8, 16, 24)] int count)
    {
        var (points, weights) = GaussLegendre.Rule(count);
        for (var degree = 0; degree < 2 * count; degree++)
        {
            var integral = points.Zip(weights, (t, w) => w * Math.Pow(t, degree)).Sum();
            Assert.That(integral, Is.EqualTo(1.0 / (degree + 1)).Within(1e-13), $"degree {degree}");
        }
    }

    [Test]
    public void Rule_OneDegreeMore_IsNotExact()
    {
        var (points, weights) = GaussLegendre.Rule(4);
        Assert.That(points.Zip(weights, (t, w) => w * Math.Pow(t, 8)).Sum(), Is.Not.EqualTo(1.0 / 9).Within(1e-8));
    }
}
