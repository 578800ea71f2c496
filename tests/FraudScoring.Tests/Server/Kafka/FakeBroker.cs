using System.Reflection;
using Confluent.Kafka;

namespace FraudScoring.Tests.Server.Kafka;

/// <summary>Kafka clients without a broker: a test decides which records are acknowledged, and whether clients can be created.</summary>
internal sealed class FakeBroker
{
    private readonly List<byte[]> _acknowledged = [];
    private volatile bool _isAway, _isBroken, _refusesClients;

    /// <summary>True if records get neither an acknowledgement nor an error.</summary>
    public bool IsAway
    {
        get => _isAway;
        set => _isAway = value;
    }

    /// <summary>True if clients fail every call, as an idempotent one does that has lost its sequence.</summary>
    public bool IsBroken
    {
        get => _isBroken;
        set => _isBroken = value;
    }

    /// <summary>True if no further client can be created.</summary>
    public bool RefusesClients
    {
        get => _refusesClients;
        set => _refusesClients = value;
    }

    /// <summary>The values of the acknowledged records, in order.</summary>
    public IReadOnlyList<byte[]> Acknowledged
    {
        get
        {
            lock (_acknowledged)
            {
                return [.. _acknowledged];
            }
        }
    }

    public IProducer<byte[], byte[]> Create(Action<ProducerConfig> tune)
    {
        tune(new ProducerConfig());
        if (RefusesClients)
        {
            throw new InvalidOperationException("the key file is empty");
        }
        var client = DispatchProxy.Create<IProducer<byte[], byte[]>, FakeClient>();
        ((FakeClient)(object)client).Broker = this;
        return client;
    }

    /// <summary>Takes a record of a client.</summary>
    public void Produce(string topic, Message<byte[], byte[]> message, Action<DeliveryReport<byte[], byte[]>> report)
    {
        if (IsBroken)
        {
            var error = new Error(ErrorCode.Local_Fatal, "records were lost", isFatal: true);
            throw new ProduceException<byte[], byte[]>(error, new DeliveryResult<byte[], byte[]> { Topic = topic, Message = message });
        }
        if (IsAway)
        {
            return;
        }
        lock (_acknowledged)
        {
            _acknowledged.Add(message.Value);
        }
        report(new DeliveryReport<byte[], byte[]> { Topic = topic, Message = message, Error = new Error(ErrorCode.NoError) });
    }
}
