using BenchmarkDotNet.Attributes;
using Cel;
using FraudScoring.Benchmarks.Fixtures;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Expressions;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;

namespace FraudScoring.Benchmarks;

/// <summary>Conditions of 100 rules over payment fields, features and score. One payment, with all rules, per operation.</summary>
public class Rules
{
    private const int Payments = BenchmarkHistory.Scored, Constants = 10;

    /// <summary>Written so that they mean the same to Cel: numbers with a decimal point.</summary>
    private static readonly string[] Templates =
    [
        "features.card_distance >= #00.0 && features.card_speed >= 1000.0",
        "features.device_distinct_cards_1h >= #.0 || features.card_count_1h > 1#.0",
        "payment.amount > #0.0 && payment.channel == \"ecommerce\" && features.card_count_24h >= 3.0",
        "payment.country in [\"DE\", \"FR\", \"US\", \"X#\"] && payment.amount * 2.0 - 1.0 > #00.0",
        "payment.merchant.startsWith(\"m-#\") || payment.card.endsWith(\"#\")",
        "payment.channel in [\"atm\", \"mail_order\"] ? payment.amount > 100.0 : score > 0.#",
        "payment.card.matches(\"^c.*#[0-9]$\")",
        "score > 0.0# && !(payment.channel == \"atm\" || payment.currency != \"EUR\")",
        "payment.ip_address.contains(\".#\") && size(payment.device) > #.0",
        "payment.merchant_category in [5411.0, 541#.0, 7995.0] && features.is_night == 1.0",
    ];

    private Expression<RuleContext>[] _rules = [];
    private CelProgramDelegate[] _programs = [];
    private Payment[] _payments = [];
    private double[] _amounts = [];
    private float[][] _rows = [];
    private Dictionary<string, object?>[] _variables = [];

    /// <summary>Compiles the rules, and checks that both implementations agree.</summary>
    /// <exception cref="InvalidOperationException">They do not.</exception>
    [GlobalSetup]
    public async Task SetUpAsync()
    {
        var models = CommittedModels.Load();
        var (catalogue, rates) = (models.Catalogue, models.Rates.Current);
        var history = BenchmarkHistory.Before(TimeProvider.System.GetUtcNow());
        var stored = new StoredProfiles(catalogue, rates, history.Past);
        _payments = history.Next;
        _amounts = Array.ConvertAll(_payments, payment => (double)rates.Convert(payment) / catalogue.ReferenceCurrency.MinorPerUnit);
        _rows = Array.ConvertAll(_payments, _ => new float[catalogue.Features.Count]);
        for (var i = 0; i < Payments; i++)
        {
            FeatureBuilder.Fill(catalogue, _payments[i], rates.Convert(_payments[i]), stored.Find(_payments[i]), _rows[i]);
        }
        string[] names = [.. catalogue.Features.Select(feature => feature.Name)];
        _variables = [.. _payments.Select((payment, i) => Variables(payment, _amounts[i], names, _rows[i]))];

        string[] sources = [.. Templates.SelectMany(template => Enumerable.Range(0, Constants)
            .Select(n => template.Replace("#", $"{n}", StringComparison.Ordinal)))];
        var (scope, faults, cel) = (RuleScope.Create(catalogue), new Faults(), new CelEnvironment(null, null));
        _rules = Array.ConvertAll(sources, source => scope.Compile(source, source, faults, ExpressionType.Boolean)!);
        faults.ThrowIfAny();
        _programs = Array.ConvertAll(sources, cel.Compile);
        CheckThatBothAgree();
        await Warmth.ReachAsync(() => Hundred(), () => HundredWithCel());
    }

    /// <summary>Evaluates the rules.</summary>
    [Benchmark(OperationsPerInvoke = Payments)]
    public int Hundred()
    {
        var fired = 0;
        for (var i = 0; i < Payments; i++)
        {
            var context = new RuleContext(_payments[i], _amounts[i], _rows[i], Score(i));
            foreach (var rule in _rules)
            {
                fired += rule.Test(in context) ? 1 : 0;
            }
        }
        return fired;
    }

    /// <summary>Evaluates the rules with Cel, from values that are in its dictionaries already. One payment only, because it is slow.</summary>
    [Benchmark(Baseline = true)]
    public int HundredWithCel()
    {
        var fired = 0;
        foreach (var program in _programs)
        {
            fired += program(_variables[0]) is true ? 1 : 0;
        }
        return fired;
    }

    private static double Score(int payment) => payment / (double)Payments;

    private void CheckThatBothAgree()
    {
        for (var i = 0; i < Payments; i++)
        {
            var context = new RuleContext(_payments[i], _amounts[i], _rows[i], Score(i));
            for (var rule = 0; rule < _rules.Length; rule++)
            {
                if (_rules[rule].Test(in context) != _programs[rule](_variables[i]) is true)
                {
                    throw new InvalidOperationException($"Payment {i}: Cel disagrees on {_rules[rule].Source}");
                }
            }
        }
    }

    private Dictionary<string, object?> Variables(Payment payment, double amount, string[] names, float[] row) => new()
    {
        ["score"] = Score(Array.IndexOf(_payments, payment)),
        ["payment"] = new Dictionary<string, object?>
        {
            ["amount"] = amount, ["currency"] = payment.Currency.Code, ["card"] = payment.Card, ["device"] = payment.Device ?? "",
            ["ip_address"] = payment.IpAddress ?? "", ["merchant"] = payment.Merchant, ["country"] = payment.Country ?? "",
            ["merchant_category"] = (double)payment.MerchantCategory, ["channel"] = SnakeCase.Convert(payment.Channel),
        },
        ["features"] = names.Index().ToDictionary(name => name.Item, name => (object?)(double)row[name.Index]),
    };
}
