using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Onnx;
using FraudScoring.Simulation;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Inference.Ensembles;
using FraudScoring.Training.Datasets;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Tests.Inference.Compilation;

/// <summary>The committed ensemble and its twin on realistic rows.</summary>
[Parallelizable]
public sealed class ProductTwinTests
{
    private const int Rows = 100_000, BatchRows = 250;
    private ModelBundle _bundle = null!;
    private byte[] _twin = [];

    [OneTimeSetUp]
    public void Compile()
    {
        var faults = new Faults();
        _bundle = ModelBundle.Load(BundleFolder.Committed, TestCatalogues.Served, faults)!;
        Assert.That(faults, Is.Empty);
        _twin = TwinRuns.Twin(ModelProto.Parser.ParseFrom(_bundle.Graph)).ToByteArray();
    }

    [Test]
    public void CudaGraph_OfTheBundle_IsTheTwinOfItsGraph() => Assert.That(_bundle.CudaGraph, Is.Null.Or.EqualTo(_twin));

    [Test]
    public void Twin_HundredThousandRows_DecidesAsTheGraphDoes()
    {
        var features = _bundle.FeatureIndexes.Length;
        var seen = SimulatedRows();
        var thresholds = _bundle.Thresholds.Default;
        using var own = CpuDevice.Open(_bundle.Graph);
        using var twin = CpuDevice.Open(_twin);
        var (largest, decisions) = (0.0, new int[4]);
        var changed = 0;
        var rows = Mixed(seen, features);
        Parallel.For(0, Rows / BatchRows, new ParallelOptions { MaxDegreeOfParallelism = 2 }, batch =>
        {
            var values = rows.AsSpan(batch * BatchRows * features, BatchRows * features).ToArray();
            var (wanted, got) = (Probabilities(own, values, features), Probabilities(twin, values, features));
            for (var i = 0; i < BatchRows; i++)
            {
                int Decide(double p) => p >= thresholds.Decline ? 3 : p >= thresholds.Challenge ? 2 : p >= thresholds.Review ? 1 : 0;
                lock (decisions)
                {
                    largest = Math.Max(largest, Math.Abs(wanted[i] - got[i]));
                    decisions[Decide(wanted[i])]++;
                    changed += Decide(wanted[i]) == Decide(got[i]) ? 0 : 1;
                }
            }
        });
        Assert.That(decisions, Is.All.GreaterThan(0), "the rows must lead to every decision");
        Assert.That((changed, largest),
            Is.EqualTo((0, 0.0)).Using<(int Changed, double Largest)>((a, b) =>
                a.Changed == b.Changed && Math.Abs(a.Largest - b.Largest) <= 1e-6));
    }

    private static double[] Probabilities(InferenceSession session, float[] values, int features)
    {
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(values, [BatchRows, features]);
        using var outputs = session.Run(options, [EnsembleGraph.Features], [input], [EnsembleGraph.Probability]);
        return Array.ConvertAll(outputs[0].GetTensorDataAsSpan<float>().ToArray(), value => (double)value);
    }

    /// <summary>Rows of simulated payments, with some features taken from other rows.</summary>
    private static float[] Mixed(List<float[]> seen, int features)
    {
        var random = new Random(17);
        var rows = new float[Rows * features];
        for (var row = 0; row < Rows; row++)
        {
            var one = seen[random.Next(seen.Count)];
            var other = seen[random.Next(seen.Count)];
            for (var feature = 0; feature < features; feature++)
            {
                rows[(row * features) + feature] = (random.Next(5) == 0 ? other : one)[feature];
            }
        }
        return rows;
    }

    private List<float[]> SimulatedRows()
    {
        var folder = Directory.CreateTempSubdirectory("twin-").FullName;
        try
        {
            var log = Path.Combine(folder, "events.log");
            SimulatedLog.Write(new SimulationOptions { Customers = 80, Terminals = 120, Radius = 30, Days = 30, Seed = 4 },
                log, null, (_, _) => { }, CancellationToken.None);
            List<float[]> rows = [];
            new HistoryReplay(TestCatalogues.Served, TestCatalogues.ServedRates, LabelledPayments.DefaultHorizonMs).Run(EventLogReader.Read(log), (_, row) =>
            {
                var own = row.ToArray();
                rows.Add(Array.ConvertAll(_bundle.FeatureIndexes, index => own[index]));
            });
            return rows;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
