using FraudScoring.LoadTest.Scores;
using FraudScoring.TestKit.Services;

namespace FraudScoring.Tests.Benchmarks.Scores;

[Platform("Linux")]
public sealed class ListeningProcessTests
{
    [Test]
    public void Find_APortOfThisProcess_IsThisProcess()
    {
        using var socket = Ports.Listen();
        Assert.That(ListeningProcess.Find($"127.0.0.1:{Ports.PortOf(socket)},ssl=false"), Is.EqualTo(Environment.ProcessId));
    }

    [Test]
    public void Find_APortThatNobodyListensOn_IsUnknown() => Assert.That(ListeningProcess.Find($"localhost:{Ports.Free()}"), Is.Null);

    [TestCase("redis.example:6379")]
    [TestCase("localhost")]
    public void Find_AnotherMachineOrNoPort_IsUnknown(string address) => Assert.That(ListeningProcess.Find(address), Is.Null);
}
