using System.Text.Json;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Hosting;
using Microsoft.Extensions.Configuration;

namespace FraudScoring.Tests.Server;

/// <summary>appsettings.json lists every option with its default, and code and file agree.</summary>
public sealed class AppSettingsTests
{
    private static readonly string File = RepositoryFiles.Path("src", "FraudScoring.Server", "appsettings.json");
    private static readonly string[] NotOurs = ["Logging"];

    private static readonly JsonElement Root = JsonDocument.Parse(
        System.IO.File.ReadAllText(File), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip }).RootElement;

    [Test]
    public void File_EveryOption_IsThereWithItsDefault()
    {
        var actual = Root.EnumerateObject().Where(section => !NotOurs.Contains(section.Name)).SelectMany(
            section => section.Value.EnumerateObject().Select(option => $"{section.Name}:{option.Name} = {option.Value.GetRawText()}"));
        Assert.That(actual, Is.EquivalentTo(FrozenContracts.Options()));
    }

    [Test]
    public void File_EveryOption_HasACommentAboveIt()
    {
        var lines = System.IO.File.ReadAllLines(File);
        var bare = lines.Where((line, i) => line.StartsWith("    \"", StringComparison.Ordinal) && !line.EndsWith('{')
            && !lines[i - 1].TrimStart().StartsWith("// ", StringComparison.Ordinal));
        Assert.That(bare, Is.Empty);
    }

    [Test]
    public void File_Sections_AreThoseTheServiceReads() => Assert.That(
        FrozenContracts.OptionRecords.Select(record => record.Section).Concat(NotOurs).Append("AllowedHosts"),
            Is.EquivalentTo(ServerOptions.SectionNames));

    [Test]
    public void File_Read_GivesTheDefaultsWithoutFault()
    {
        var configuration = new ConfigurationBuilder().AddJsonFile(File).Build();
        var read = typeof(OptionsReader).GetMethod(nameof(OptionsReader.Bind))!;
        foreach (var (section, type) in FrozenContracts.OptionRecords)
        {
            var faults = new Faults();
            var options = read.MakeGenericMethod(type).Invoke(null, [configuration, section, faults]);
            Assert.That(faults, Is.Empty);
            foreach (var property in FrozenContracts.Settable(type))
            {
                Assert.That(property.GetValue(options), Is.EqualTo(property.GetValue(Activator.CreateInstance(type))),
                    $"{section}:{property.Name}");
            }
        }
    }
}
