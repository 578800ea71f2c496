using FraudScoring.Core.Payments;
using FraudScoring.Server.Hosting;
using FraudScoring.TestKit.Services;

namespace FraudScoring.Tests.Server.Hosting;

/// <summary>Ports that cannot be bound are configuration faults, found before anything starts.</summary>
public sealed class ListenPortsTests
{
    [TestCase("127.0.0.1")]
    [TestCase("localhost")]
    [TestCase("*")]
    public void Check_BothPortsInUse_NamesBoth(string address)
    {
        using var grpc = Ports.Listen();
        using var http = Ports.Listen();
        var faults = Check(new ListenOptions { Address = address, GrpcPort = Ports.PortOf(grpc), HttpPort = Ports.PortOf(http) });
        Assert.That(faults.Select(fault => fault.Field), Is.EqualTo(new[] { "Listen:GrpcPort", "Listen:HttpPort" }));
        Assert.That(faults[0].Message, Does.Contain($":{Ports.PortOf(grpc)} is in use by another process"));
    }

    [TestCase("127.0.0.1")]
    [TestCase("localhost")]
    [TestCase("*")]
    public void Check_FreePorts_AreFine_AndStayFree(string address)
    {
        var port = Ports.Free(2);
        var options = new ListenOptions { Address = address, GrpcPort = port, HttpPort = port + 1 };
        Assert.That(Check(options), Is.Empty);
        Assert.That(Check(options), Is.Empty);
    }

    [Test]
    public void Check_PortsThatTheSystemChooses_AreFine() =>
        Assert.That(Check(new ListenOptions { Address = "127.0.0.1", GrpcPort = 0, HttpPort = 0 }), Is.Empty);

    [Test]
    public void Check_AddressOfAnotherMachine_IsAFault() => Assert.That(
        Check(new ListenOptions { Address = "203.0.113.1", GrpcPort = 50051, HttpPort = 0 }).Single().Message,
        Does.StartWith("203.0.113.1 is not an address of this machine"));

    private static Faults Check(ListenOptions options)
    {
        var faults = new Faults();
        ListenPorts.Check(options, faults);
        return faults;
    }
}
