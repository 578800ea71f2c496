using FraudScoring.Core.Payments;

namespace FraudScoring.Tests.Core.Payments;

public sealed class FaultsTests
{
    [Test]
    public void Faults_Unused_AreEmpty()
    {
        var faults = new Faults();
        faults.Clear();
        Assert.That(faults, Is.Empty);
        Assert.That((faults.Count, faults.ToString(), faults.ToLines()), Is.EqualTo((0, "", "")));
        Assert.That(faults.ThrowIfAny, Throws.Nothing);
        Assert.That(() => faults[0], Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Add_SeveralFaults_AreKeptInOrder()
    {
        Faults faults = [new Fault("a", "is wrong")];
        faults.Add("b", "is missing");
        faults.AddRange([new Fault("c", "is late"), new Fault("d", "is early")]);
        Assert.That((faults.Count, faults[1]), Is.EqualTo((4, new Fault("b", "is missing"))));
        Assert.That(faults.ToString(), Is.EqualTo("a: is wrong; b: is missing; c: is late; d: is early"));
        Assert.That(faults.ToLines().Split('\n'), Is.EqualTo(faults.Select(fault => fault.ToString())));
        Assert.That(faults.ThrowIfAny, Throws.ArgumentException.With.Message.EqualTo(faults.ToString()));
    }

    [Test]
    public void AddUnder_FaultsOfAPart_NamesThePart()
    {
        Faults faults = [new Fault("a", "is wrong")];
        faults.AddUnder("policy.json", [new Fault("$.rules", "is missing")]);
        Assert.That(faults, Is.EqualTo(new[] { new Fault("a", "is wrong"), new Fault("policy.json $.rules", "is missing") }));
    }

    [Test]
    public void Clear_UsedAgain_HoldsTheNewFaultsOnly()
    {
        Faults faults = [new Fault("a", "is wrong")];
        faults.Clear();
        Assert.That(faults.ThrowIfAny, Throws.Nothing);
        faults.Add("b", "is missing");
        Assert.That(faults.Single(), Is.EqualTo(new Fault("b", "is missing")));
    }
}
