using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Core.Profiles.Codec;
using FraudScoring.Tests.Core.Profiles;

namespace FraudScoring.Tests.Core.Features;

/// <summary>
/// Every aggregate over payments, with and without delay and filter, compared with the complete history: exact while the payments are kept
/// individually, otherwise within the documented bounds. Payments arrive late, out of order and twice.
/// </summary>
[Parallelizable]
public sealed class AggregateOracleTests
{
    private const double HalfLifeMs = 6.0 * MillisecondsPer.Hour;

    private const string Online = """{"field": "channel", "in": ["ecommerce", "recurring"]}""";
    private const string DearGroceries =
        """[{"field": "merchant_category", "in": ["5411", "0742"]}, {"field": "amount", "at_least": 12.345, "below": 1000}]""";

    private static readonly string[] Aggregates =
    [
        "count", "sum", "mean", "deviation", "min", "max", "distinct", "distinct_ratio", "count_same", "rate", "decayed_sum", "median",
        "quantile",
    ];

    private static readonly RawWindow[] Windows =
    [
        .. from filter in new[] { null, Online } from text in new[] { "10m", "3h", "24h", "7d", "30d" } select Window(text, null, filter),
        .. from filter in new[] { null, DearGroceries } from text in new[] { "10m/1h", "3h/1h", "24h/2d", "7d/2d", "7d/14d" }
           select Window(text.Split('/')[0], text.Split('/')[1], filter),
    ];

    private static readonly long RetentionMs = Windows.Max(w => w.ReachMs);

    [TestCase(256, 1)]
    [TestCase(24, 2)]
    [TestCase(6, 3)]
    [TestCase(1, 4)]
    public void Fill_AnyPaymentsInAnyOrder_AgreesWithAllPaymentsEver(int recent, int seed)
    {
        var catalogue = Catalogue(recent);
        var row = new float[catalogue.Features.Count];
        var (exact, bounded) = (0, 0);
        for (var round = 0; round < 60; round++)
        {
            var random = new Random((seed * 1000) + round);
            var (profile, truth) = Draw(random, catalogue.Entities[0], recent);
            foreach (var now in Nows(random, truth))
            {
                var payment = Draw(random, "now", now);
                FeatureBuilder.Fill(catalogue, payment, payment.AmountMinor, [profile], row);
                for (var w = 0; w < Windows.Length; w++)
                {
                    var values = Aggregates.Select(a => (double)row[catalogue.IndexOf($"{a}_{w}")]).ToArray();
                    _ = Check(truth, Windows[w], payment, values) ? exact++ : bounded++;
                }
                CheckNewest(truth, payment, name => row[catalogue.IndexOf(name)]);
            }
        }
        TestContext.Out.WriteLine($"{exact} windows exact, {bounded} within their bounds");
        Assert.That(exact, Is.GreaterThan(500));
        Assert.That(bounded, Is.GreaterThan(recent == 256 ? -1 : 500));
    }

    [Test]
    public void Add_AnyOrderAndDuplicates_GivesTheSameBytes()
    {
        foreach (var recent in new[] { 1, 6, 24 })
        {
            var plan = Catalogue(recent).Entities[0];
            for (var seed = 0; seed < 40; seed++)
            {
                var random = new Random(seed);
                var payments = DrawAll(random, random.Next(1, 150));
                var expected = EntityProfileTests.Bytes(Fill(plan, payments, random));
                random.Shuffle(payments);
                var shuffled = Fill(plan, payments, random);
                Assert.That(EntityProfileTests.Bytes(shuffled), Is.EqualTo(expected), $"seed {seed}");
                var read = new EntityProfile(plan);
                Assert.That(ProfileCodec.Read(expected, read), Is.EqualTo(ProfileFault.None));
                Assert.That(EntityProfileTests.Bytes(read), Is.EqualTo(expected), $"seed {seed}, read");
                var later = ProfileEvent.Create(plan, Draw(random, "later", shuffled.NewestMs + random.NextInt64(86_400_000)), 5);
                Assert.That((read.Add(later), shuffled.Add(later)), Is.EqualTo((true, true)));
                Assert.That(EntityProfileTests.Bytes(read), Is.EqualTo(EntityProfileTests.Bytes(shuffled)), $"seed {seed}, continued");
            }
        }
    }

    [Test]
    public void Fill_EveryAggregateWarm_AllocatesNothing()
    {
        var catalogue = Catalogue(24);
        var profile = Fill(catalogue.Entities[0], DrawAll(new Random(1), 200), new Random(1));
        var payment = Draw(new Random(2), "now", profile.NewestMs + 1);
        var row = new float[catalogue.Features.Count];
        for (var i = 0; i < 50; i++)
        {
            FeatureBuilder.Fill(catalogue, payment, 100, [profile], row);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        FeatureBuilder.Fill(catalogue, payment, 100, [profile], row);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static FeatureCatalogue Catalogue(int recent)
    {
        var windowed = from w in Enumerable.Range(0, Windows.Length) from a in Aggregates select Feature(a, w);
        var newest = from a in new[] { "last", "time_since_last", "time_since_first" } from f in new[] { null, Online }
                     let name = f is null ? a : $"{a}_online"
                     select $$"""{"name": "{{name}}", "text": "t", "entity": "card", "aggregate": "{{a}}" {{Filter(f)}} }""";
        return TestCatalogues.Create($$"""{"name": "card", "fields": ["card"], "recent": {{recent}}}""", [.. windowed, .. newest]);
    }

    private static string Feature(string aggregate, int index)
    {
        var window = Windows[index];
        var value = aggregate switch { "distinct" or "distinct_ratio" => "merchant", "count_same" => "country", _ => null };
        return $$"""{"name": "{{aggregate}}_{{index}}", "text": "t", "entity": "card", "aggregate": "{{aggregate}}" """
            + $""", "window": "{window.Text}" """ + (window.Delay is { } delay ? $""", "delay": "{delay}" """ : "")
            + (value is null ? "" : $""", "value": "{value}" """)
            + (aggregate == "quantile" ? """, "quantile": 0.9""" : "") + (aggregate == "decayed_sum" ? """, "half_life": "6h" """ : "")
            + Filter(window.Filter) + "}";
    }

    private static string Filter(string? filter) => filter is null ? "" : $", \"filter\": {filter}";

    private static RawWindow Window(string text, string? delay, string? filter) => new(text, delay, filter, filter switch
    {
        Online => p => p.Channel is Channel.Ecommerce or Channel.Recurring,
        DearGroceries => p => p.MerchantCategory is 5411 or 742 && p.AmountMinor is >= 1_235 and < 100_000,
        _ => _ => true,
    });

    private static (EntityProfile Profile, RawPayments Truth) Draw(Random random, EntityPlan plan, int recent)
    {
        var payments = DrawAll(random, random.Next(1, 160));
        if (random.Next(2) == 0)
        {
            random.Shuffle(payments);
        }
        var truth = new RawPayments(recent, RetentionMs, Windows);
        Array.ForEach(payments, truth.Add);
        return (Fill(plan, payments, random), truth);
    }

    private static EntityProfile Fill(EntityPlan plan, Payment[] payments, Random random)
    {
        var profile = new EntityProfile(plan);
        foreach (var payment in payments)
        {
            profile.Add(ProfileEvent.Create(plan, payment, payment.AmountMinor));
            if (profile.RecentCount > 0 && random.Next(4) == 0)
            {
                Assert.That(profile.Add(profile.Recent[random.Next(profile.RecentCount)]), Is.False);
            }
        }
        return profile;
    }

    private static Payment[] DrawAll(Random random, int count)
    {
        long[] scales = [0, 1_000, 60_000, 3_600_000, 86_400_000, 4 * 86_400_000L];
        var most = random.Next(3, scales.Length + 1);
        var time = EventStreams.StartMs + random.NextInt64(86_400_000);
        return [.. Enumerable.Range(0, count).Select(i => Draw(random, $"t{i}", time += random.NextInt64(scales[random.Next(most)] + 1)))];
    }

    private static Payment Draw(Random random, string id, long time) => new()
    {
        TransactionId = id, EventTimeMs = time, AmountMinor = (long)Math.Pow(10, random.NextDouble() * 6) - 1, Currency = TestPayments.Euro,
        Card = "c", Merchant = $"m{random.Next(30)}", MerchantCategory = random.Next(4) switch { 0 => 5411, 1 => 742, 2 => 5999, _ => 0 },
        Country = random.Next(3) switch { 0 => null, 1 => "DE", _ => "FR" }, Channel = (Channel)random.Next(1, 7),
    };

    private static IEnumerable<long> Nows(Random random, RawPayments truth)
    {
        var newest = truth.NewestMs;
        yield return newest + 1;
        yield return newest + random.NextInt64(3_600_000);
        yield return newest + random.NextInt64(20L * 86_400_000);
        yield return truth.All[random.Next(truth.All.Count)].Payment.EventTimeMs;
        var window = Windows[random.Next(Windows.Length)];
        yield return truth.All[random.Next(truth.All.Count)].Payment.EventTimeMs + window.ReachMs;
        yield return truth.All[random.Next(truth.All.Count)].Payment.EventTimeMs + window.DelayMs;
    }

    /// <returns>True if the window must be exact.</returns>
    private static bool Check(RawPayments truth, RawWindow window, Payment payment, double[] values)
    {
        var now = payment.EventTimeMs;
        var inside = truth.Inside(window, now);
        var same = truth.Recent().Count(p => inside.Contains(p) && p.Country == payment.Country);
        AssertClose(values[8], payment.Country is null ? double.NaN : same, "count_same");
        var isExact = truth.IsExact(window, now);
        var doubtful = isExact ? [] : truth.Doubtful(window, now);
        var days = Math.Min(window.LengthMs, now - window.DelayMs - truth.All.Min(e => e.Payment.EventTimeMs)) / 86_400_000.0;
        AssertSums(values, inside, doubtful, days);
        var sure = inside.Except(doubtful).ToArray();
        var most = inside.Union(doubtful).ToArray();
        AssertDistinct(values, sure, most, isExact);
        AssertQuantile(values[11], 0.5, sure, doubtful, isExact);
        AssertQuantile(values[12], 0.9, sure, doubtful, isExact);
        var factor = isExact ? 1 : double.Exp2(window.TileMs / 2 / HalfLifeMs);
        Assert.That(values[10], Is.InRange(
            (sure.Sum(Decayed) / factor * (1 - 1e-6)) - 1e-6, (most.Sum(Decayed) * factor * (1 + 1e-6)) + 1e-6), "decayed_sum");
        return isExact;

        double Decayed(Payment p) => p.AmountMinor / 100.0 * double.Exp2(-Math.Max(0, now - p.EventTimeMs) / HalfLifeMs);
    }

    private static void AssertSums(double[] values, Payment[] inside, Payment[] doubtful, double days)
    {
        var amounts = inside.Select(p => p.AmountMinor / 100.0).ToArray();
        var (count, sum, slack) = (amounts.Length, amounts.Sum(), doubtful.Sum(p => p.AmountMinor / 100.0));
        Assert.That(values[0], Is.EqualTo(count).Within(doubtful.Length + 1e-4), "count");
        Assert.That(values[1], Is.EqualTo(sum).Within(1e-6 + slack + (1e-6 * (slack + sum))), "sum");
        if (days <= 0)
        {
            Assert.That(values[9], Is.NaN, "rate");
        }
        else
        {
            Assert.That(values[9] * days, Is.EqualTo(count).Within(doubtful.Length + (1e-6 * count) + 1e-4), "rate");
        }
        if (doubtful.Length > 0)
        {
            return;
        }
        var mean = count == 0 ? double.NaN : sum / count;
        AssertClose(values[2], mean, "mean");
        AssertClose(values[3], count == 0 ? double.NaN : Math.Sqrt(amounts.Sum(a => (a - mean) * (a - mean)) / count), "deviation");
        AssertClose(values[4], count == 0 ? double.NaN : amounts.Min(), "min");
        AssertClose(values[5], count == 0 ? double.NaN : amounts.Max(), "max");
    }

    private static void AssertDistinct(double[] values, Payment[] sure, Payment[] most, bool isExact)
    {
        double least = Merchants(sure), highest = Merchants(most);
        if (isExact)
        {
            AssertClose(values[6], least, "distinct");
            AssertClose(values[7], sure.Length == 0 ? double.NaN : least / sure.Length, "distinct_ratio");
            return;
        }
        // A sketch of up to 30 merchants, with a tolerance of four standard errors.
        Assert.That(values[6], Is.InRange(Math.Floor(least * 0.48), Math.Ceiling(highest * 1.52)), "distinct");
        if (sure.Length == most.Length)
        {
            var ratio = least / sure.Length;
            Assert.That(values[7], sure.Length == 0 ? Is.NaN : Is.EqualTo(ratio).Within(0.53 * ratio), "distinct_ratio");
        }

        static int Merchants(Payment[] payments) => payments.Select(p => p.Merchant).Distinct().Count();
    }

    /// <summary>
    /// Whatever share of the doubtful payments counts, the value's rank lies between the ranks with none and with all of them.
    /// </summary>
    private static void AssertQuantile(double value, double quantile, Payment[] sure, Payment[] doubtful, bool isExact)
    {
        var known = sure.Select(p => p.AmountMinor / 100.0).Order().ToArray();
        var all = known.Concat(doubtful.Select(p => p.AmountMinor / 100.0)).Order().ToArray();
        if (all.Length == 0)
        {
            Assert.That(value, Is.NaN);
            return;
        }
        if (known.Length == 0)
        {
            return;
        }
        var least = all[Math.Max(0, (int)Math.Ceiling((quantile * known.Length) - 1e-9) - 1)];
        var rank = (int)Math.Ceiling((quantile * all.Length) - 1e-9) - 1;
        var highest = rank < known.Length ? known[rank] : all[^1];
        var (down, up) = isExact ? (1 - 1e-6, 1 + 1e-6) : (31 / 32.0, 33 / 32.0);
        Assert.That(value, Is.InRange((least * down) - 1e-6, (highest * up) + 1e-6), "quantile");
    }

    private static void CheckNewest(RawPayments truth, Payment payment, Func<string, float> valueOf)
    {
        foreach (var (suffix, passes) in new[] { ("", (Func<Payment, bool>)(_ => true)), ("_online", Window("1h", null, Online).Passes) })
        {
            var now = payment.EventTimeMs;
            var newest = truth.Recent().LastOrDefault(p => p.EventTimeMs < now && p.EventTimeMs > now - RetentionMs && passes(p));
            AssertClose(valueOf($"last{suffix}"), newest is null ? double.NaN : newest.AmountMinor / 100.0, "last");
            AssertClose(
                valueOf($"time_since_last{suffix}"), newest is null ? double.NaN : (now - newest.EventTimeMs) / 1000.0, "time_since_last");
            var first = truth.All.Select(e => e.Payment).Where(passes).Select(p => (long?)p.EventTimeMs).Min();
            AssertClose(valueOf($"time_since_first{suffix}"), first < now ? (now - first.Value) / 1000.0 : double.NaN, "time_since_first");
        }
    }

    /// <summary>Rows are floats: half a unit in the last place is 6e-8.</summary>
    private static void AssertClose(double actual, double expected, string what) => Assert.That(
        actual, double.IsNaN(expected) ? Is.NaN : Is.EqualTo(expected).Within(1e-6 + (1e-6 * Math.Abs(expected))), what);
}
