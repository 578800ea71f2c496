using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Sealing;
using FraudScoring.Server.Deployments;

namespace FraudScoring.Tests.Server.Deployments;

public sealed class ModelsFolderTests
{
    private static readonly Fault Earlier = new("Redis:Configuration", "cannot be connected to");

    [Test]
    public void Load_CollectorHoldsAFault_StillLoads()
    {
        Faults faults = [Earlier];
        var models = ModelsFolder.Load(RepositoryFiles.Path("models"), SealRequirements.None, EnsembleSettings.Cpu, faults);
        Assert.That(models?.Loaded.Champion, Is.Not.Null);
        models!.Loaded.Champion!.Return();
        Assert.That(faults, Is.EqualTo(new[] { Earlier }));
    }

    [Test]
    public void Load_CollectorHoldsAFault_StillNamesItsOwn()
    {
        Faults faults = [Earlier];
        Assert.That(ModelsFolder.Load("/no/such", SealRequirements.None, EnsembleSettings.Cpu, faults), Is.Null);
        Assert.That(faults.Select(fault => fault.Field), Is.EqualTo(new[] { Earlier.Field, "Scoring:ModelsFolder" }));
    }
}
