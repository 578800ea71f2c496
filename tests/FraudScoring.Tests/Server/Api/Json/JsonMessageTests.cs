using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Api.Json;
using FraudScoring.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Channel = FraudScoring.V1.Channel;
using Payment = FraudScoring.V1.Payment;

namespace FraudScoring.Tests.Server.Api.Json;

/// <summary>What is read from the JSON of a request, and what is a fault of which field.</summary>
public sealed class JsonMessageTests
{
    private const string CardNumber = "4111111111111111";

    private const string Valid = """
        {"payment":{"transaction_id":"tx-14","event_time":"2026-11-28T19:40:36Z","amount":"249.90","currency":"EUR","card_token":"card-1",
        "device_token":"device-1","merchant_id":"merchant-1","channel":"CHANNEL_ECOMMERCE"}}
        """;

    private static readonly PaymentLimits AnyTime = PaymentLimits.AnyTime;

    private static readonly MessageDescriptor[] Requests =
        [ScoreRequest.Descriptor, ShowFeaturesRequest.Descriptor, EraseEntitiesRequest.Descriptor];

    /// <summary>Bodies as callers have sent them.</summary>
    [TestCase("ok.json", "")]
    [TestCase("a-number.json", "")]
    [TestCase("b-channel.json", "")]
    [TestCase("f-bom.json", "")]
    [TestCase("c-time.json", "payment.event_time")]
    [TestCase("d-typo.json", "payment.device-token")]
    [TestCase("e-comma.json", "body")]
    [TestCase("g-two-faults.json", "payment.currency")]
    [TestCase("h-required-typo.json", "payment.channels,payment.channel")]
    [TestCase("xcg.json", "")]
    public void Read_ABodyThatWasSent_NamesTheFaultyFields(string file, string fields)
    {
        var faults = FaultsOf(RepositoryFiles.Bytes("tests", "FraudScoring.Tests", "Server", "Api", "Json", "Cases", file), out _);
        Assert.That(string.Join(',', faults.Select(fault => fault.Field)), Is.EqualTo(fields), faults.ToString());
        Assert.That(faults.ToString(), Does.Not.Contain("4111").And.Not.Contain("10:00:00").And.Not.Contain("XXX9"));
    }

    [TestCase("\"amount\":\"249.90\"", "\"amount\":249.90", "249.90")]
    [TestCase("\"amount\":\"249.90\"", "\"amount\":0.1", "0.1")]
    [TestCase("\"amount\":\"249.90\"", "\"amount\":9007199254740993.0", "9007199254740993.0")]
    [TestCase("\"amount\":\"249.90\"", "\"amount\":1e2", "1e2")]
    public void Read_AnAmount_KeepsTheTextOfItsNumber(string from, string to, string amount)
    {
        var faults = Read(Valid.Replace(from, to, StringComparison.Ordinal), out var request);
        Assert.That((faults.Count, request.Payment.Amount), Is.EqualTo((0, amount)));
    }

    [TestCase("1e2")]
    [TestCase("1E-1")]
    [TestCase("-1")]
    [TestCase("0.001")]
    [TestCase("99999999999999999999999999")]
    public void Amount_ThatIsNoPlainDecimalNumber_IsAFault(string number) => Assert.That(
        FaultsOf(Valid.Replace("\"249.90\"", number, StringComparison.Ordinal)), Is.EqualTo(new[] { "payment.amount" }));

    [TestCase("ecommerce")]
    [TestCase("ECOMMERCE")]
    [TestCase("Channel_Ecommerce")]
    [TestCase("CHANNEL_ECOMMERCE")]
    public void Read_TheNameOfAValue_MayBeShort_InAnyCase(string name)
    {
        Assert.That(Read(Valid.Replace("CHANNEL_ECOMMERCE", name, StringComparison.Ordinal), out var request), Is.Empty);
        Assert.That(request.Payment.Channel, Is.EqualTo(Channel.Ecommerce));
    }

    [TestCase("2026-11-28t19:40:36z", 1795894836, 0)]
    [TestCase("2026-11-28T19:40:36-00:00", 1795894836, 0)]
    [TestCase("2026-11-28T20:40:36.000000001+01:00", 1795894836, 1)]
    [TestCase("2026-11-28T19:40:36.5Z", 1795894836, 500_000_000)]
    [TestCase("2024-02-29T00:00:00+23:59", 1709078460, 0)]
    public void Read_ATime_AcceptsWhatRfc3339Allows(string text, long seconds, int nanos)
    {
        Assert.That(JsonTime.Parse(text, out var time), Is.Null);
        Assert.That(time, Is.EqualTo(new Timestamp { Seconds = seconds, Nanos = nanos }));
    }

    [TestCase("2026-11-28 10:00:00Z", "write a T")]
    [TestCase("2026-11-28T10:00:00", "no offset")]
    [TestCase("2026-11-28", "RFC 3339")]
    [TestCase("28.11.2026 10:00", "RFC 3339")]
    [TestCase("2026-11-28T10:00:00.1234567891Z", "nine|9 decimals")]
    [TestCase("2026-02-30T10:00:00Z", "does not exist")]
    [TestCase("2026-11-28T24:00:00Z", "does not exist")]
    [TestCase("2026-12-31T23:59:60Z", "leap seconds")]
    [TestCase("2026-11-28T10:00:00+24:00", "does not exist")]
    [TestCase("0001-01-01T00:00:00+01:00", "years 1 to 9999")]
    [TestCase("9999-12-31T23:59:59-01:00", "years 1 to 9999")]
    [TestCase("2026-11-28T10:00:00Z\n", "RFC 3339")]
    [TestCase("٢٠٢٦-11-28T10:00:00Z", "RFC 3339")]
    [TestCase("", "RFC 3339")]
    public void Read_AnythingElse_SaysWhatATimeIs(string text, string problem) =>
        Assert.That(JsonTime.Parse(text, out _), Does.Match(problem));

    /// <summary>A change of the valid body, and all the faults that it must give.</summary>
    [TestCase("\"tx-14\"", "14", "payment.transaction_id: must be a string")]
    [TestCase("\"tx-14\"", "\"\\ud800\"", "payment.transaction_id: is not valid Unicode: a surrogate escape has no partner")]
    [TestCase("\"249.90\"", "true", "payment.amount: must be a decimal number or a string such as \"12.34\"")]
    [TestCase("\"249.90\"", "null", "payment.amount: is required; give a decimal such as \"12.34\"")]
    [TestCase("\"tx-14\"", "\"tx-14\",\"transactionId\":\"tx-15\"", "payment.transaction_id: is given more than once")]
    [TestCase("\"tx-14\"", "\"tx-14\",\"location\":{\"latitude\":\"x\",\"longitude\":1e400}",
        "payment.location.latitude: must be a finite number; payment.location.longitude: must be a finite number")]
    [TestCase("\"tx-14\"", "\"tx-14\",\"location\":[1,[2]]", "payment.location: must be an object")]
    [TestCase("\"tx-14\"", "\"tx-14\",\"attributes\":{\"bin\":\"x\"}",
        "payment.attributes[bin]: must be an object with one of number, flag or text")]
    [TestCase("\"tx-14\"", "\"tx-14\",\"attributes\":{\"a\":{\"number\":1,\"text\":\"x\"},\"a\":{\"flag\":1}}",
        "payment.attributes[a].text: cannot be sent with number; send one of number, flag or text; "
            + "payment.attributes[a]: is given more than once")]
    [TestCase("\"tx-14\"", "\"tx-14\",\"attributes\":[]", "payment.attributes: must be an object")]
    [TestCase("\"CHANNEL_ECOMMERCE\"", "\"online\"",
        "payment.channel: must be one of \"card_present\", \"contactless\", \"ecommerce\", \"atm\", \"mail_order\" or \"recurring\"")]
    [TestCase("}}", "},\"stage_times\":\"true\",\"explain\":[]}", "stage_times: must be true or false; "
        + "explain: must be one of \"always\", \"on_review\" or \"never\"")]
    [TestCase("\"device_token\"", "\"deviceTokn\"",
        "payment.deviceTokn: is not a field of Payment; did you mean 'deviceToken'?")]
    [TestCase("\"device_token\"", "\"device-token\"", "payment.device-token: is not a field of Payment; did you mean 'device_token'?")]
    [TestCase("\"device_token\"", "\"colour\"", "payment.colour: is not a field of Payment")]
    [TestCase("\"device_token\"", "\"" + CardNumber + "\"",
        "payment.?: is in the place of a name that is not shown, and that is not a field of Payment")]
    public void Read_AFault_IsNamedByItsField(string from, string to, string expected)
    {
        var faults = FaultsOf(Encoding.UTF8.GetBytes(Valid.Replace(from, to, StringComparison.Ordinal)), out _);
        Assert.That(faults.ToString(), Is.EqualTo(expected));
    }

    [TestCase("", "body: is empty; send a JSON object")]
    [TestCase("[]", "body: must be a JSON object")]
    [TestCase("4111111111111111", "body: must be a JSON object")]
    [TestCase("{\"payment\":{}", "body: is not valid JSON at line 1, position 14")]
    [TestCase("{}\n{}", "body: is not valid JSON at line 2, position 1")]
    [TestCase("{\n\"model\":\"x\",\n}", "body: has a trailing comma before line 3, position 1; remove it")]
    [TestCase("{\"model\":1,}", "model: must be a string; body: has a trailing comma before line 1, position 12; remove it")]
    [TestCase("{\"model\":4111111111111111x}", "body: is not valid JSON at line 1, position 26")]
    [TestCase("{\"x\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}", "body: is nested deeper than 16 levels at line 1, position 21")]
    public void Read_ABodyThatIsNoObject_SaysWhere(string body, string expected)
    {
        var faults = new Faults();
        Assert.That(JsonMessage.Read(Encoding.UTF8.GetBytes(body), new ScoreRequest(), ignoresUnknown: true, faults), Is.False);
        Assert.That(faults.ToString(), Is.EqualTo(expected));
    }

    [Test]
    public void Read_BytesThatAreNotUtf8_IsAFault()
    {
        var faults = new Faults();
        JsonMessage.Read(Encoding.Latin1.GetBytes("{\"model\":\"é\"}"), new ScoreRequest(), ignoresUnknown: false, faults);
        Assert.That(faults.ToString(), Does.StartWith("body: is not valid UTF-8"));
    }

    [Test]
    public void Read_UnknownFields_AreSkippedWhereThatIsAllowed()
    {
        var faults = new Faults();
        var request = new ScoreRequest();
        JsonMessage.Read("{\"extra\":{\"a\":[1,{}]},\"model\":\"m\"}"u8, request, ignoresUnknown: true, faults);
        Assert.That((faults.Count, request.Model), Is.EqualTo((0, "m")));
    }

    [Test]
    public void Read_ManyFaults_ReportsFifty_AndTheSyntaxErrorAmongThem()
    {
        var fields = string.Join(',', Enumerable.Range(0, 1000).Select(i => $"\"x{i}\":1"));
        var faults = FaultsOf(Encoding.UTF8.GetBytes($"{{{fields}}}"), out _);
        Assert.That(faults, Has.Count.EqualTo(JsonMessage.MaxFaults));
        var broken = FaultsOf(Encoding.UTF8.GetBytes($"{{{fields}"), out _);
        Assert.That(broken, Has.Count.EqualTo(JsonMessage.MaxFaults));
        Assert.That(broken[^1].Field, Is.EqualTo(JsonMessage.Body));
    }

    /// <summary>A field of a type that is not read would fail the requests that have it.</summary>
    [Test]
    public void Fields_OfAllRequests_AreOfTypesThatAreRead()
    {
        foreach (var field in Requests.SelectMany(FieldsOf))
        {
            var isRead = field.IsMap ? field.MessageType.FindFieldByNumber(2).FieldType == FieldType.Message
                : !field.IsRepeated && field.FieldType is FieldType.String or FieldType.Bool or FieldType.Double or FieldType.Enum
                    or FieldType.Message;
            Assert.That(isRead, Is.True, field.FullName);
        }
    }

    /// <summary>What protobuf writes is read as protobuf reads it, with names of either form.</summary>
    [Test]
    public void Read_AnyRequest_IsWhatProtobufReads() => Gen.Select(AnyRequest, Gen.Bool).Sample((request, preserves) =>
    {
        var json = new JsonFormatter(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(preserves)).Format(request);
        var faults = Read(json, out var read);
        return faults.Count == 0 && read.Equals(JsonParser.Default.Parse<ScoreRequest>(json));
    }, iter: 2000);

    [Test]
    public void Read_AnyBytes_FindsFaultsAndNothingElse() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        var faults = FaultsOf(bytes, out _);
        return faults.Count is > 0 and <= JsonMessage.MaxFaults;
    }, iter: 5000);

    /// <summary>Bytes of a valid body are changed, removed or repeated.</summary>
    [Test]
    public void Read_AMutatedBody_IsReadOrHasFaults_ThatShowNoCardNumber()
    {
        var (body, letters) = (Encoding.UTF8.GetBytes(WithCardNumbers()), "\"{}[],:\\0159eE+-.tfn \u0000\u00e9"u8.ToArray());
        Gen.Select(Gen.Int[0, body.Length - 1], Gen.Int[0, 2], Gen.Int[0, letters.Length - 1]).Array[1, 4].Sample(changes =>
        {
            var bytes = body.ToList();
            foreach (var (at, kind, chosen) in changes)
            {
                var index = at % bytes.Count;
                switch (kind)
                {
                    case 0: bytes[index] = letters[chosen]; break;
                    case 1: bytes.RemoveAt(index); break;
                    default: bytes.InsertRange(index, bytes.GetRange(index, Math.Min(9, bytes.Count - index))); break;
                }
            }
            var faults = FaultsOf([.. bytes], out _);
            return faults.Count <= JsonMessage.MaxFaults && !faults.ToString().Contains("411111111", StringComparison.Ordinal);
        }, iter: 20_000);
    }

    private static Gen<ScoreRequest> AnyRequest
    {
        get
        {
            var text = Gen.Char["ab1 é\"\\\u0001"].Array[0, 12].Select(letters => new string(letters));
            var value = Gen.Select(Gen.Int[0, 3], Gen.Double[-1e9, 1e9], text).Select((kind, number, words) => kind switch
            {
                0 => new AttributeValue { Number = number },
                1 => new AttributeValue { Flag = number > 0 },
                2 => new AttributeValue { Text = words },
                _ => new AttributeValue(),
            });
            var payment = Gen.Select(text, text, Gen.Long[-62135596800, 253402300799], Gen.Int[0, 999_999_999], Gen.Int[0, 6],
                Gen.Double[-90, 90], Gen.Select(text, value).Array[0, 3]).Select((id, token, seconds, nanos, channel, degrees, attributes) =>
                {
                    var made = new Payment
                    {
                        TransactionId = id, CardToken = token, EventTime = new Timestamp { Seconds = seconds, Nanos = nanos },
                        Channel = (Channel)channel, Amount = nanos.ToString(CultureInfo.InvariantCulture),
                        Location = channel % 2 == 0 ? null : new Location { Latitude = degrees, Longitude = 2 * degrees },
                    };
                    foreach (var (name, attribute) in attributes)
                    {
                        made.Attributes[name] = attribute;
                    }
                    return made;
                });
            return Gen.Select(payment, Gen.Int[0, 3], text, Gen.Bool).Select((made, explain, model, times) =>
                new ScoreRequest { Payment = made, Explain = (ExplainMode)explain, Model = model, StageTimes = times });
        }
    }

    private static string WithCardNumbers()
    {
        var json = JsonNode.Parse(Valid)!;
        json["payment"]![CardNumber] = CardNumber;
        json["payment"]!["attributes"] = new JsonObject { [CardNumber] = new JsonObject { ["text"] = CardNumber } };
        json["payment"]!["amount"] = long.Parse(CardNumber, CultureInfo.InvariantCulture);
        return json.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    private static IEnumerable<FieldDescriptor> FieldsOf(MessageDescriptor type) => type.Fields.InDeclarationOrder().SelectMany(field =>
        field.FieldType == FieldType.Message && !field.IsMap && field.MessageType != Timestamp.Descriptor
            ? FieldsOf(field.MessageType).Prepend(field)
            : [field]);

    private static Faults Read(string json, out ScoreRequest request)
    {
        request = new ScoreRequest();
        var faults = new Faults();
        JsonMessage.Read(Encoding.UTF8.GetBytes(json), request, ignoresUnknown: false, faults);
        return faults;
    }

    private static IEnumerable<string> FaultsOf(string json) => FaultsOf(Encoding.UTF8.GetBytes(json), out _).Select(fault => fault.Field);

    /// <summary>All faults that a caller gets: those of the JSON, and those of the payment.</summary>
    private static Faults FaultsOf(byte[] body, out ScoreRequest request)
    {
        request = new ScoreRequest();
        var (faults, validation) = (new Faults(), new Faults());
        if (JsonMessage.Read(body, request, ignoresUnknown: false, faults))
        {
            PaymentReader.Parse(request.Payment, AnyTime, 0, validation);
            JsonMessage.Merge(faults, validation);
        }
        return faults;
    }
}
