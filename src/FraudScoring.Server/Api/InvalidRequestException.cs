using FraudScoring.Core.Payments;
using Grpc.Core;

namespace FraudScoring.Server.Api;

/// <summary>A request that is refused because of its fields.</summary>
/// <param name="status">INVALID_ARGUMENT, with all faults in the message.</param>
/// <param name="trailers">The faults as a caller of gRPC gets them.</param>
/// <param name="faults">Every fault.</param>
internal sealed class InvalidRequestException(Status status, Metadata trailers, IReadOnlyList<Fault> faults)
    : RpcException(status, trailers)
{
    public IReadOnlyList<Fault> Faults => faults;
}
