using BenchmarkDotNet.Attributes;
using FraudScoring.Benchmarks.Fixtures;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Benchmarks;

/// <summary>The stages of the score path that only compute, each measured alone. One payment, with a history, per operation.</summary>
public class Stages
{
    private const int Payments = BenchmarkHistory.Scored;
    private readonly PaymentLimits _limits = PaymentLimits.AnyTime;
    private readonly Faults _faults = new();
    private FeatureCatalogue _catalogue = null!;
    private ExchangeRates _rates = null!;
    private Ensemble _ensemble = null!;
    private Payment[] _payments = [];
    private V1.Payment[] _messages = [];
    private long[] _amounts = [];
    private EntityProfile?[][] _profiles = [];
    private float[][] _rows = [];
    private float[] _row = [];
    private float[] _margins = [];
    private double[] _contributions = [];
    private long _nowMs;

    /// <summary>Loads the models folder and fills profiles and rows.</summary>
    [GlobalSetup]
    public async Task SetUpAsync()
    {
        var models = CommittedModels.Load();
        (_catalogue, _rates) = (models.Catalogue, models.Rates.Current);
        _ensemble = models.Loaded.Champion!.Ensemble;
        _nowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var history = BenchmarkHistory.Before(DateTimeOffset.FromUnixTimeMilliseconds(_nowMs));
        var stored = new StoredProfiles(_catalogue, _rates, history.Past);
        _payments = history.Next;
        _messages = Array.ConvertAll(_payments, EventWriter.ToProto);
        _profiles = Array.ConvertAll(_payments, stored.Find);
        _amounts = Array.ConvertAll(_payments, _rates.Convert);
        _rows = Array.ConvertAll(_payments, _ => new float[_catalogue.Features.Count]);
        for (var i = 0; i < Payments; i++)
        {
            FeatureBuilder.Fill(_catalogue, _payments[i], _amounts[i], _profiles[i], _rows[i]);
        }
        _row = new float[_catalogue.Features.Count];
        _margins = new float[_ensemble.Bundle.Manifest.Members.Count];
        _contributions = new double[_catalogue.Features.Count];
        await Warmth.ReachAsync(() => Validate(), () => FillFeatures(), () => Infer(), () => Explain());
    }

    /// <summary>Validates a message and converts it to a payment.</summary>
    [Benchmark(OperationsPerInvoke = Payments)]
    public int Validate()
    {
        var accepted = 0;
        foreach (var message in _messages)
        {
            accepted += PaymentReader.Parse(message, _limits, _nowMs, _faults) is null ? 0 : 1;
        }
        return accepted;
    }

    /// <summary>Fills one row of features.</summary>
    [Benchmark(OperationsPerInvoke = Payments)]
    public float FillFeatures()
    {
        var sum = 0f;
        for (var i = 0; i < Payments; i++)
        {
            FeatureBuilder.Fill(_catalogue, _payments[i], _amounts[i], _profiles[i], _row);
            sum += _row[0];
        }
        return sum;
    }

    /// <summary>Runs the ensemble on one row.</summary>
    [Benchmark(OperationsPerInvoke = Payments)]
    public double Infer()
    {
        var sum = 0.0;
        foreach (var row in _rows)
        {
            sum += _ensemble.Run(row, _margins).Probability;
        }
        return sum;
    }

    /// <summary>Computes the contributions to one score.</summary>
    [Benchmark(OperationsPerInvoke = Payments)]
    public double Explain()
    {
        var sum = 0.0;
        foreach (var row in _rows)
        {
            sum += _ensemble.Explain(row, _contributions);
        }
        return sum;
    }

    /// <summary>Disposes of the model.</summary>
    [GlobalCleanup]
    public void CleanUp() => _ensemble.Dispose();
}
