using System.Text;
using Confluent.Kafka;
using FraudScoring.Inference.Contracts;
using FraudScoring.Simulation;
using FraudScoring.V1;
using Google.Protobuf;
using MillisecondsPer = FraudScoring.Core.Payments.MillisecondsPer;

namespace FraudScoring.LoadTest.Scores;

/// <summary>A record of the history.</summary>
internal readonly record struct HistoryRecord(bool IsLabel, Message<byte[], byte[]> Message);

/// <summary>
/// Simulated payments: a history that fills the profiles, and after it half a day of payments that are scored in order, in laps. Each lap
/// is made half an hour later than the one before, so that cards do not seem to pay faster than they do; the service takes payments of the
/// last day. All times move on with the clock.
/// </summary>
internal sealed class SimulatedTraffic
{
    // The oldest and the newest payment of the first lap, before now, and the time between laps.
    private const long OldestMinutes = 23 * 60 + 30, NewestMinutes = 12 * 60 + 30, LapMinutes = 30;

    // More laps would be in the future. The next one has the times of the first.
    private const long Laps = NewestMinutes / LapMinutes;

    // The simulation makes more frauds than payments have in a small population; those beyond this share are not scored.
    private const double MostFrauds = 0.005;

    private readonly SimulationOptions _options;
    private readonly long _shiftMs, _scoredFromMs, _scoredToMs, _startMs;
    private readonly TimeProvider _time;
    private readonly List<PaymentTemplate> _scored = [];
    private int _frauds;
    private long _next;

    /// <param name="customers">Number of customers; each makes about two payments per day.</param>
    /// <param name="days">Length of the history in days.</param>
    /// <param name="time">The clock.</param>
    public SimulatedTraffic(int customers, int days, TimeProvider time)
    {
        _time = time;
        _startMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        _options = new SimulationOptions
        {
            Customers = customers, Terminals = customers, Days = days + 1, Seed = 11, MerchantSkew = 1,
            Start = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(-days - 1),
        };
        _shiftMs = _startMs - (_options.StartMs + (_options.Days * MillisecondsPer.Day));
        _scoredFromMs = _startMs - (OldestMinutes * MillisecondsPer.Minute);
        _scoredToMs = _startMs - (NewestMinutes * MillisecondsPer.Minute);
    }

    /// <summary>Payments of customers without a history.</summary>
    public static SimulatedTraffic WithoutHistory(int customers, TimeProvider time)
    {
        var traffic = new SimulatedTraffic(customers, days: 1, time);
        _ = traffic.History().Count();
        return traffic;
    }

    /// <summary>The run's part of each transaction id.</summary>
    public string Run { get; } = Guid.NewGuid().ToString("N")[..8];

    /// <summary>Share of frauds among the payments that are scored.</summary>
    public double FraudShare => _frauds / (double)_scored.Count;

    /// <summary>
    /// The history, oldest first. Reading it to its end also draws the payments that are scored. It is drawn a day at a time, because a
    /// long history does not fit into memory.
    /// </summary>
    public IEnumerable<HistoryRecord> History()
    {
        foreach (var one in PaymentSimulator.Run(_options).Where(one => one.TimeMs + _shiftMs < _scoredToMs))
        {
            if (one.Label is { } label)
            {
                var message = EventWriter.ToProto(label);
                message.LabelTime = EventWriter.ToTimestamp(label.LabelTimeMs + _shiftMs);
                message.EventTime = EventWriter.ToTimestamp(label.EventTimeMs + _shiftMs);
                if (label.EventTimeMs + _shiftMs < _scoredFromMs)
                {
                    yield return new HistoryRecord(true, Record(Key(message.CardToken), message.ToByteArray()));
                }
                continue;
            }
            var payment = EventWriter.ToProto(one.Payment!);
            payment.EventTime = EventWriter.ToTimestamp(one.TimeMs + _shiftMs);
            if (one.TimeMs + _shiftMs < _scoredFromMs)
            {
                yield return new HistoryRecord(
                    false, Record(Key(payment.CardToken), new TransactionEvent { Payment = payment }.ToByteArray()));
            }
            else
            {
                var isFraud = one.Scenario != FraudScenario.None;
                _frauds += isFraud ? 1 : 0;
                if (isFraud && _frauds > MostFrauds * (_scored.Count + 1))
                {
                    _frauds--;
                    continue;
                }
                _scored.Add(new PaymentTemplate(payment, Run, isFraud));
            }
        }
    }

    /// <summary>The number of the next payment; each is given once.</summary>
    public long TakeNumber() => Interlocked.Increment(ref _next) - 1;

    /// <summary>The number that is taken next.</summary>
    public long NextNumber => Interlocked.Read(ref _next);

    /// <summary>The payment with a number, as a request or as an event.</summary>
    public byte[] Payment(long number, bool isExplained = false) => Template(number).Copy(number, LaterSeconds(number), isExplained);

    /// <summary>The event of the payment with a number.</summary>
    public Message<byte[], byte[]> Event(long number) => Record(Template(number).Key, Payment(number));

    /// <summary>The label of the payment with a number. It becomes known now.</summary>
    public Message<byte[], byte[]> Label(long number)
    {
        var template = Template(number);
        var label = EventWriter.LabelOf(
            template.Payment, _time.GetUtcNow().ToUnixTimeMilliseconds(), template.IsFraud, template.IsFraud ? "chargeback" : "review");
        label.TransactionId = PaymentTemplate.Id(Run, number);
        label.EventTime = new Google.Protobuf.WellKnownTypes.Timestamp
        {
            Seconds = template.Payment.EventTime.Seconds + LaterSeconds(number), Nanos = template.Payment.EventTime.Nanos,
        };
        return Record(template.Key, label.ToByteArray());
    }

    private long LaterSeconds(long number) =>
        (((_time.GetUtcNow().ToUnixTimeMilliseconds() - _startMs) + (number / _scored.Count % Laps * LapMinutes * MillisecondsPer.Minute))
            / MillisecondsPer.Second);

    private static byte[] Key(string card) => Encoding.UTF8.GetBytes(card);

    private static Message<byte[], byte[]> Record(byte[] key, byte[] value) => new() { Key = key, Value = value };

    private PaymentTemplate Template(long number) => _scored[(int)(number % _scored.Count)];
}
