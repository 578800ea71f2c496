using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Simulation;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using CardNumbers = FraudScoring.Core.Payments.CardNumber;

namespace FraudScoring.Tests.Inference.Contracts;

public sealed class ContractFuzzTests
{
    private static readonly SimulatedEvent[] Events =
        [.. PaymentSimulator.Run(new SimulationOptions { Customers = 150, Terminals = 300, Days = 12, Radius = 20, Seed = 9 })];

    [Test]
    public void Read_SimulatedPaymentThereAndBack_IsTheSame()
    {
        foreach (var payment in Events.Select(e => e.Payment).OfType<Payment>())
        {
            var message = V1.Payment.Parser.ParseFrom(EventWriter.ToProto(payment).ToByteArray());
            var faults = new Faults();
            var read = PaymentReader.Parse(message, PaymentLimits.AnyTime, 0, faults);
            Assert.That(read, Is.Not.Null, () => faults.ToString());
            Assert.That(Describe(read!), Is.EqualTo(Describe(payment)));
        }
    }

    [Test]
    public void Read_SimulatedLabelThereAndBack_IsTheSame()
    {
        foreach (var label in Events.Select(e => e.Label).OfType<Label>())
        {
            var message = V1.LabelEvent.Parser.ParseFrom(EventWriter.ToProto(label).ToByteArray());
            var faults = new Faults();
            var read = PaymentReader.Parse(message, PaymentLimits.AnyTime, 0, faults);
            Assert.That(read, Is.Not.Null, () => faults.ToString());
            Assert.That(Describe(read!), Is.EqualTo(Describe(label)));
        }
    }

    [Test]
    public void Read_MutatedPayment_NeverThrowsAndWhatIsTakenIsWithinLimits()
    {
        var taken = 0;
        for (var seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            var message = Messages.Payment();
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                Mutate(random, message);
            }
            var faults = new Faults();
            var payment = PaymentReader.Parse(message, new PaymentLimits(), Messages.NowMs, faults);
            Assert.That(payment is null, Is.EqualTo(faults is { Count: > 0 }), $"seed {seed}");
            if (payment is not null)
            {
                taken++;
                AssertWithinLimits(payment, $"seed {seed}");
                var again = PaymentReader.Parse(EventWriter.ToProto(payment), new PaymentLimits(), Messages.NowMs, new());
                Assert.That(Describe(again!), Is.EqualTo(Describe(payment)), $"seed {seed}: an accepted payment is read back unchanged");
            }
        }
        Assert.That(taken, Is.InRange(1_000, 19_000));
    }

    [Test]
    public void Read_RandomBytesOrLabel_NeverThrows()
    {
        for (var seed = 0; seed < 5_000; seed++)
        {
            var random = new Random(seed);
            var bytes = random.Next(2) == 0 ? Messages.Label().ToByteArray() : Messages.Payment().ToByteArray();
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            try
            {
                var faults = new Faults();
                var label = PaymentReader.Parse(V1.LabelEvent.Parser.ParseFrom(bytes), PaymentLimits.AnyTime, 0, faults);
                Assert.That(label is null, Is.EqualTo(faults is { Count: > 0 }), $"seed {seed}");
                _ = PaymentReader.Parse(V1.Payment.Parser.ParseFrom(bytes), new PaymentLimits(), Messages.NowMs, new());
            }
            catch (InvalidProtocolBufferException)
            {
                // Bytes that are not a valid message never reach the reader.
            }
        }
    }

    private static void Mutate(Random random, V1.Payment message)
    {
        var fields = V1.Payment.Descriptor.Fields.InDeclarationOrder().Where(f => f.FieldType == FieldType.String && !f.IsMap).ToArray();
        switch (random.Next(6))
        {
            case 0:
                message.EventTime = random.Next(3) == 0 ? null
                    : new() { Seconds = random.NextInt64() >> random.Next(64), Nanos = random.Next(2) * random.Next() };
                break;
            case 1:
                message.Location =
                    new() { Latitude = BitConverter.Int64BitsToDouble(random.NextInt64()), Longitude = (random.NextDouble() * 800) - 400 };
                break;
            case 2:
                message.Attributes[Text(random)] = random.Next(3) switch
                {
                    0 => new V1.AttributeValue { Number = BitConverter.Int64BitsToDouble(random.NextInt64()) },
                    1 => new V1.AttributeValue { Text = Text(random) },
                    _ => new V1.AttributeValue(),
                };
                break;
            case 3:
                message.Channel = (V1.Channel)random.Next(-2, 10);
                break;
            default:
                fields[random.Next(fields.Length)].Accessor.SetValue(message, Text(random));
                break;
        }
    }

    private static string Text(Random random)
    {
        const string letters = "0123456789.:-abEURDJPYé\u0000\u007f\u0085 %[]";
        string[] known = ["EUR", "JPY", "DE", "5411", "0000", "10.0.0.1", "::1", "2001:db8::1", "4111111111111111", "4111 1111 1111 1111",
            "12.34", "0", "1e9", new string('9', 40), new string('x', 65)];
        return random.Next(2) == 0 ? known[random.Next(known.Length)]
            : string.Concat(Enumerable.Range(0, random.Next(24)).Select(_ => letters[random.Next(letters.Length)]));
    }

    private static void AssertWithinLimits(Payment payment, string seed)
    {
        string?[] tokens = [payment.TransactionId, payment.Card, payment.Account, payment.Device, payment.Merchant];
        Assert.Multiple(() =>
        {
            Assert.That(tokens.OfType<string>().All(t => t.Length is > 0 and <= PaymentLimits.TokenLength && !t.Any(char.IsControl)
                && !string.IsNullOrWhiteSpace(t)), seed);
            Assert.That(new[] { payment.Card, payment.Account, payment.Device }.All(t => t is null || !CardNumbers.Matches(t)), seed);
            Assert.That(payment.AmountMinor, Is.InRange(0, DecimalAmount.MaxMinor), seed);
            Assert.That(Currency.TryGet(payment.Currency.Code, out _), seed);
            Assert.That(payment.EventTimeMs, Is.InRange(Messages.NowMs - 86_400_000, Messages.NowMs + 120_000), seed);
            Assert.That(payment.MerchantCategory, Is.InRange(0, 9_999), seed);
            Assert.That(payment.Country is null || Country.Exists(payment.Country), seed);
            Assert.That(Enum.IsDefined(payment.Channel), seed);
            Assert.That(double.IsNaN(payment.Latitude) == double.IsNaN(payment.Longitude), seed);
            Assert.That(double.IsNaN(payment.Latitude) || (Math.Abs(payment.Latitude) <= 90 && Math.Abs(payment.Longitude) <= 180), seed);
            Assert.That(payment.IpAddress is null || System.Net.IPAddress.Parse(payment.IpAddress).ToString() == payment.IpAddress, seed);
            Assert.That(payment.Attributes.Select(a => a.Name), Is.Unique.And.All.Length.InRange(1, 64), seed);
            Assert.That(payment.Attributes.All(a => a.Text is null ? double.IsFinite(a.Number) : a.Text.Length <= 256
                && !CardNumbers.Matches(a.Text)), seed);
        });
    }

    private static string Describe(Payment p) => string.Join('|',
        p.TransactionId, p.EventTimeMs, p.AmountMinor, p.Currency, p.Card, p.Account, p.Device, p.IpAddress, p.Merchant,
            p.MerchantCategory, p.Country, p.Channel,
        p.Latitude.ToString("R"), p.Longitude.ToString("R"), string.Join(';', p.Attributes.OrderBy(a => a.Name, StringComparer.Ordinal)));

    private static string Describe(Label l) => string.Join('|',
        l.TransactionId, l.LabelTimeMs, l.EventTimeMs, l.Fraud, l.Source, l.Card, l.Account, l.Device, l.IpAddress, l.Merchant);
}
