using FraudScoring.Inference.Ensembles;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Inference.Ensembles;
using FraudScoring.Training.Export;

namespace FraudScoring.Tests.Training.Export;

public sealed class BundleWriterTests
{
    private BundleFolder _bundle = null!;

    [SetUp]
    public void Copy() => _bundle = new BundleFolder();

    [TearDown]
    public void Delete() => _bundle.Dispose();

    [Test]
    public void Write_BundleThatIsThere_IsOnlyReplacedWhenAsked()
    {
        var before = ModelBundle.HashOf(_bundle.Folder);
        Assert.That(() => Write(replace: false), Throws.InstanceOf<IOException>().With.Message.Contains("--replace"));
        Assert.That(ModelBundle.HashOf(_bundle.Folder), Is.EqualTo(before));
        Write(replace: true);
        Assert.That(_bundle.Faults(), Is.Empty);
        Assert.That(Siblings(), Is.EqualTo(new[] { "1" }));
    }

    [Test]
    public void Prepare_CutShortBetweenTheRenames_BringsTheOldBundleBack()
    {
        var before = ModelBundle.HashOf(_bundle.Folder);
        Directory.Move(_bundle.Folder, _bundle.Folder + ".replaced");
        Directory.CreateDirectory(_bundle.Folder + ".partial");
        Assert.That(() => BundleWriter.Prepare(_bundle.Folder, replace: false), Throws.InstanceOf<IOException>());
        Assert.That(ModelBundle.HashOf(_bundle.Folder), Is.EqualTo(before));
        Assert.That(Siblings(), Is.EqualTo(new[] { "1" }));
    }

    [Test]
    public void Prepare_CutShortAfterTheRenames_LeavesTheNewBundle()
    {
        var before = ModelBundle.HashOf(_bundle.Folder);
        Directory.CreateDirectory(_bundle.Folder + ".replaced");
        BundleWriter.Prepare(_bundle.Folder, replace: true);
        Assert.That(ModelBundle.HashOf(_bundle.Folder), Is.EqualTo(before));
        Assert.That(Siblings(), Is.EqualTo(new[] { "1" }));
    }

    private IEnumerable<string?> Siblings() =>
        Directory.GetFileSystemEntries(Path.GetDirectoryName(_bundle.Folder)!).Select(Path.GetFileName);

    private void Write(bool replace)
    {
        var bundle = ModelBundle.Load(BundleFolder.Committed, TestCatalogues.Served, new())!;
        var catalogue = File.ReadAllBytes(Path.Combine(BundleFolder.Committed, ModelManifest.CatalogueFileName));
        BundleWriter.Write(_bundle.Folder, bundle.Graph, bundle.Manifest with { Files = [] }, TestCatalogues.Served, catalogue, replace);
    }
}
