using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Inputs;

/// <summary>Loads exchange rates.</summary>
internal static class RatesFile
{
    /// <summary>What an option that names the file says.</summary>
    public const string Description = "Exchange rates. Default: rates.json next to the feature catalogue.";

    /// <summary>Loads the named file; without a name the one in a folder.</summary>
    /// <exception cref="InvalidDataException">
    /// The file is invalid, or converts to another currency than the catalogue's; the message holds all faults.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ExchangeRates Load(string? named, string folder, FeatureCatalogue catalogue) => InputFile.Load(
        named ?? Path.Combine(folder, RatesReader.FileName),
        (ReadOnlyMemory<byte> bytes, Faults faults) => RatesReader.Parse(bytes, catalogue.ReferenceCurrency, faults));
}
