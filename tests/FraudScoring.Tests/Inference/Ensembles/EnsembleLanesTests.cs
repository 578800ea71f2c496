using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Tests.Inference.Batching;

namespace FraudScoring.Tests.Inference.Ensembles;

public sealed class EnsembleLanesTests
{
    private static readonly int More = 10 * Environment.ProcessorCount;

    [Test]
    public void Rent_RunsThatThrow_GiveTheirLanesBack()
    {
        var device = new ScriptedDevice { OnRun = _ => throw new DeviceFailedException("no") };
        using (var lanes = new EnsembleLanes(() => device.OpenLane(ScriptedDevice.Graph(1))))
        {
            for (var i = 0; i < More; i++)
            {
                Assert.That(() => Run(lanes), Throws.InstanceOf<DeviceFailedException>());
            }
            Assert.That((lanes.Opened, device.Opened), Is.EqualTo((1, 1)));
        }
        Assert.That(device.Closed, Is.EqualTo(1));
    }

    [Test]
    public void Rent_MoreAtATimeThanAreKept_OpensThemAndClosesWhatIsTooMany()
    {
        var device = new ScriptedDevice();
        using (var lanes = new EnsembleLanes(() => device.OpenLane(ScriptedDevice.Graph(1))))
        {
            var leases = Enumerable.Range(0, More).Select(_ => lanes.Rent()).ToList();
            Assert.That(leases.Select(lease => lease.Lane).Distinct().Count(), Is.EqualTo(More));
            leases.ForEach(lease => lease.Dispose());
            Assert.That(device.Closed, Is.EqualTo(More - (4 * Environment.ProcessorCount)));
        }
        Assert.That(device.Closed, Is.EqualTo(More));
    }

    [Test]
    public void Rent_OpeningThatThrows_IsNotCounted()
    {
        using var lanes = new EnsembleLanes(() => throw new DeviceFailedException("no"));
        Assert.That(() => lanes.Rent(), Throws.InstanceOf<DeviceFailedException>());
        Assert.That(lanes.Opened, Is.Zero);
    }

    private static void Run(EnsembleLanes lanes)
    {
        using var lease = lanes.Rent();
        lease.Lane.Run(1);
    }
}
