using System.Globalization;
using FraudScoring.TestKit.Services;

namespace FraudScoring.Tests.TestKit;

/// <summary>A port chosen for a server is still free when the server starts.</summary>
public sealed class PortsTests
{
    [Test]
    public void Free_ManyTimes_GivesEachPortOnce()
    {
        var ports = Enumerable.Range(0, 100).SelectMany(_ => Enumerable.Range(Ports.Free(2), 2)).ToArray();
        Assert.That(ports, Is.Unique);
    }

    [Test]
    public void Free_PortThatIsInUse_IsSkipped()
    {
        var before = Ports.Free();
        using var socket = Ports.Listen(before + 1);
        Assert.That(Ports.Free(), Is.Not.EqualTo(before + 1));
    }

    [Test]
    public void Free_Always_IsBelowThePortsOfOutgoingConnections()
    {
        const string range = "/proc/sys/net/ipv4/ip_local_port_range";
        if (!File.Exists(range))
        {
            // Windows and macOS have fixed defaults.
            Assert.That(Ports.Free(), Is.LessThan(49152));
            return;
        }
        var first = int.Parse(File.ReadAllText(range).Split()[0], CultureInfo.InvariantCulture);
        Assert.That(Ports.Free(), Is.LessThan(first));
    }
}
