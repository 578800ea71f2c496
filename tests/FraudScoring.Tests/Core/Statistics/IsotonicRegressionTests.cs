using System.Globalization;
using System.Text.Json;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Tests.Core.Statistics;

public sealed class IsotonicRegressionTests
{
    [Test]
    public void Fit_ScoresWithTies_GivesScikitLearnsValues()
    {
        var rows = File.ReadAllLines(Oracle("scores.csv")).Skip(1).Select(line => line.Split(',')).ToList();
        var scores = rows.Select(r => double.Parse(r[3], CultureInfo.InvariantCulture)).ToArray();
        var labels = rows.Select(r => double.Parse(r[2], CultureInfo.InvariantCulture)).ToArray();
        using var expected = JsonDocument.Parse(File.ReadAllText(Oracle("expected.json")));
        var isotonic = expected.RootElement.GetProperty("isotonic");

        var fitted = IsotonicRegression.Fit(scores, labels);

        var wanted = isotonic.GetProperty("y").EnumerateArray().Select(v => v.GetDouble());
        var got = isotonic.GetProperty("x").EnumerateArray().Select(v => fitted.Predict(v.GetDouble()));
        Assert.That(got, Is.EqualTo(wanted).Within(1e-9));
    }

    [Test]
    public void Fit_RandomObservations_ValuesRiseAndKeepTheMean()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var (x, y, w) = Observations(random, 1 + random.Next(60));
            var fitted = IsotonicRegression.Fit(x, y, w);

            Assert.That(fitted.Blocks.Select(b => b.Value), Is.Ordered);
            Assert.That(fitted.Blocks.Select(b => b.First), Is.Ordered);
            Assert.That(fitted.Blocks.Sum(b => b.Value * b.Weight), Is.EqualTo(y.Zip(w, (a, b) => a * b).Sum()).Within(1e-9));
            Assert.That(fitted.Blocks, Has.All.Matches<IsotonicBlock>(b => b.First <= b.Mean && b.Mean <= b.Last));
        }
    }

    [Test]
    public void Fit_RandomObservations_NoRisingFunctionIsNearer()
    {
        var random = new Random(8);
        for (var round = 0; round < 100; round++)
        {
            var (x, y, w) = Observations(random, 12);
            var fitted = IsotonicRegression.Fit(x, y, w);
            var best = Squares(x, y, w, fitted.Predict);
            for (var other = 0; other < 50; other++)
            {
                var (slope, shift) = (random.NextDouble() * 0.2, random.NextDouble() * 0.1 - 0.05);
                Assert.That(Squares(x, y, w, v => fitted.Predict(v) + slope * v + shift), Is.GreaterThanOrEqualTo(best - 1e-12));
            }
        }
    }

    [Test]
    public void Fit_WeightZero_LeavesTheObservationOut()
    {
        var fitted = IsotonicRegression.Fit([1, 2, 3], [0, 9, 1], [1, 0, 1]);

        Assert.That(fitted.Predict(2), Is.EqualTo(0.5));
    }

    [Test]
    public void Fit_ObservationsInAnotherOrder_GivesTheSame()
    {
        var fitted = IsotonicRegression.Fit([3, 1, 2, 2], [1, 0, 0.2, 0.6]);

        Assert.That(new[] { 0, 1, 1.5, 2, 3, 9 }.Select(fitted.Predict), Is.EqualTo(new[] { 0, 0, 0.2, 0.4, 1, 1 }).Within(1e-12));
        Assert.That(fitted.Predict(double.NaN), Is.NaN);
    }

    [TestCase(new double[0], new double[0])]
    [TestCase(new[] { 1.0 }, new[] { 1.0, 2.0 })]
    [TestCase(new[] { double.NaN }, new[] { 1.0 })]
    [TestCase(new[] { 1.0 }, new[] { double.PositiveInfinity })]
    public void Fit_WhatIsNotObservations_IsRefused(double[] x, double[] y)
    {
        Assert.That(() => IsotonicRegression.Fit(x, y), Throws.ArgumentException);
    }

    [Test]
    public void Fit_NoWeight_IsRefused()
    {
        Assert.That(() => IsotonicRegression.Fit([1], [1], [0]), Throws.ArgumentException.With.Message.Contains("weight"));
        Assert.That(() => IsotonicRegression.Fit([1], [1], [-1]), Throws.ArgumentException.With.Message.Contains("weight"));
    }

    private static (double[] X, double[] Y, double[] W) Observations(Random random, int count) => (
        [.. Enumerable.Range(0, count).Select(_ => (double)random.Next(30))],
        [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())],
        [.. Enumerable.Range(0, count).Select(_ => 0.1 + random.NextDouble())]);

    private static double Squares(double[] x, double[] y, double[] w, Func<double, double> f) =>
        Enumerable.Range(0, x.Length).Sum(i => w[i] * Math.Pow(f(x[i]) - y[i], 2));

    private static string Oracle(string name) => Training.Export.OracleFiles.Path($"metrics/{name}");
}
