using System.Reflection;
using Confluent.Kafka;

namespace FraudScoring.Tests.Server.Kafka;

/// <summary>A client of a <see cref="FakeBroker"/>. An outbox uses two of its methods.</summary>
public class FakeClient : DispatchProxy
{
    private bool _isDisposed;

    internal FakeBroker Broker { get; set; } = null!;

    /// <inheritdoc />
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case nameof(IDisposable.Dispose):
                _isDisposed = true;
                return null;
            case nameof(IProducer<byte[], byte[]>.Produce):
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                Broker.Produce((string)args![0]!, (Message<byte[], byte[]>)args[1]!, (Action<DeliveryReport<byte[], byte[]>>)args[2]!);
                return null;
            default:
                throw new NotSupportedException(targetMethod.Name);
        }
    }
}
