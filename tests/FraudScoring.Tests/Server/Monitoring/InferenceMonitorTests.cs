using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Monitoring;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Inference.Ensembles;
using Microsoft.Extensions.Logging;

namespace FraudScoring.Tests.Server.Monitoring;

/// <summary>Events of models, devices and policies appear in the service log and in the metrics that alerts use.</summary>
public sealed class InferenceMonitorTests
{
    private static readonly ModelId Model = new("monitored", "7");

    private readonly RecordedLog<InferenceMonitor> _log = new();

    [SetUp]
    public void ForgetLines() => _log.Lines.Clear();

    [TestCase(CircuitState.Closed, 1, 0, LogLevel.Information, "runs model")]
    [TestCase(CircuitState.HalfOpen, 0, 0, LogLevel.Warning, "it is being retried")]
    [TestCase(CircuitState.Open, 0, 1, LogLevel.Error, "it failed and will be retried")]
    [TestCase(CircuitState.Refused, 0, 0, LogLevel.Warning, "it cannot run the model")]
    public void DeviceChanged_AnyState_SetsTheGaugeAndCountsFailuresAlone(
        CircuitState state, double up, double failures, LogLevel level, string text)
    {
        var before = ServerMetrics.DeviceFailures.WithLabels("gpu-m").Value;
        new InferenceMonitor(_log).DeviceChanged(Model, "gpu-m", state, "the reason");
        Assert.That(ServerMetrics.DeviceUp.WithLabels("gpu-m", "monitored", "7").Value, Is.EqualTo(up));
        Assert.That(ServerMetrics.DeviceFailures.WithLabels("gpu-m").Value - before, Is.EqualTo(failures));
        Assert.That(_log.Lines.Single().Level, Is.EqualTo(level));
        Assert.That(_log.Lines.Single().Line, Does.Contain("gpu-m").And.Contain("monitored").And.Contain(text).And.Contain("the reason"));
    }

    [TestCase(RunOutcome.OutOfRange, "out_of_range")]
    [TestCase(RunOutcome.RunFailed, "run_failed")]
    public void ModelFailed_EachOutcome_IsCountedUnderItsName(RunOutcome outcome, string label)
    {
        var before = ServerMetrics.ModelFailures.WithLabels(label).Value;
        new InferenceMonitor(_log).ModelFailed(Model, new RunResult(outcome, "returned NaN"));
        Assert.That(ServerMetrics.ModelFailures.WithLabels(label).Value - before, Is.EqualTo(1));
        Assert.That(_log.Lines.Single().Line, Does.Contain("monitored").And.Contain("returned NaN"));
    }

    [Test]
    public void QuarantineChanged_InAndOut_SetsTheGaugeAndCountsOnce()
    {
        var monitor = new InferenceMonitor(_log);
        var count = ServerMetrics.ModelQuarantines.WithLabels("monitored", "7").Value;
        monitor.QuarantineChanged(Model, isQuarantined: true);
        Assert.That(ServerMetrics.ModelQuarantined.WithLabels("monitored", "7").Value, Is.EqualTo(1));
        monitor.QuarantineChanged(Model, isQuarantined: false);
        Assert.That(ServerMetrics.ModelQuarantined.WithLabels("monitored", "7").Value, Is.Zero);
        Assert.That(ServerMetrics.ModelQuarantines.WithLabels("monitored", "7").Value - count, Is.EqualTo(1));
        Assert.That(_log.Lines, Has.Count.EqualTo(2));
    }

    [Test]
    public void PolicyCheck_AnotherPolicyThanTheChampions_IsReported_AndTheSameIsNot()
    {
        var log = new RecordedLog<PolicyCheckLog>();
        var champion = ModelBundle.Load(BundleFolder.Committed, TestCatalogues.Served, new())!.Manifest;
        PolicyCheck.Report(log, champion, champion.PolicyHash);
        Assert.That((ServerMetrics.PolicyDiffers.Value, log.Lines.Count), Is.EqualTo((0, 0)));
        PolicyCheck.Report(log, champion, "another");
        Assert.That((ServerMetrics.PolicyDiffers.Value, log.Lines.Count), Is.EqualTo((1, 1)));
        Assert.That(log.Lines[0].Line, Does.Contain("another").And.Contain(champion.PolicyHash).And.Contain(champion.Model));
        PolicyCheck.Report(log, champion, champion.PolicyHash);
        Assert.That(ServerMetrics.PolicyDiffers.Value, Is.Zero);
    }

    private sealed class PolicyCheckLog;
}
