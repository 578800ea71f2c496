using System.Collections.Frozen;

namespace FraudScoring.Core.Payments;

/// <summary>An ISO 4217 currency.</summary>
/// <remarks>
/// All codes that the standard gives a number of decimals, and those withdrawn since 2016, which older logs hold. Codes without decimals
/// are not currencies of payments: precious metals (XAU), units of account (XDR, XBA), and the codes for tests and for no currency. CNH and
/// other codes of traders are not in the standard.
/// </remarks>
/// <param name="Code">Three capital letters, such as "EUR".</param>
/// <param name="Digits">Number of decimals: 2 for EUR, 0 for JPY, 3 for KWD.</param>
public readonly record struct Currency(string Code, int Digits)
{
    private static readonly FrozenDictionary<string, Currency> All = Table();

    // Of ISO 4217, list three: withdrawn before 2016 and not in use again.
    private static readonly FrozenSet<string> Withdrawn = """
        ADP AFA ALK AOK AON AOR ARA ARP ARY ATS AYM AZM BAD BEC BEF BEL BGJ BGK BGL BOP BRB BRC BRE BRN BRR BUK BYB CHC CSD CSJ CSK CYP
        DDM DEM ECS ECV EEK ESA ESB ESP FIM FRF GEK GHC GHP GNE GNS GQE GRD GWE GWP HRD IEP ILP ILR ISJ ITL LAJ LSM LTL LTT LUC LUF LUL
        LVL LVR MGF MLF MTL MTP MVQ MXP MZE MZM NIC NLG PEH PEI PES PLZ PTE RHD ROK ROL RUR SDD SDP SIT SKK SRG SUR TJR TMM TPE TRL UAK
        UGS UGW USS UYN UYP VEB VNC YDD YUD YUM YUN ZAL ZMK ZRN ZRZ ZWC ZWD ZWN ZWR
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Finds an ISO 4217 currency by its code.</summary>
    public static bool TryGet(string code, out Currency currency) => All.TryGetValue(code, out currency);

    /// <summary>Why a code that <see cref="TryGet"/> does not find is refused, as the end of a sentence about its field.</summary>
    public static string WhyUnknown(string code) => Withdrawn.Contains(code)
        ? "is an ISO 4217 code that was withdrawn before 2016; convert the amount to the currency that replaced it"
        : "is not an ISO 4217 currency code, such as \"EUR\"";

    /// <summary>Number of minor units per unit: 100 for EUR.</summary>
    public int MinorPerUnit => Digits switch { 0 => 1, 2 => 100, 3 => 1000, _ => 10_000 };

    private static FrozenDictionary<string, Currency> Table()
    {
        const string none = "BIF BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
        const string three = "BHD IQD JOD KWD LYD OMR TND";
        const string four = "CLF UYW";
        const string two = """
            AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC
            CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR
            KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN
            PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS
            UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
            """;
        const string withdrawn = "ANG BGN CUC HRK MRO SLL STD VEF ZWL";
        return Create(two, 2).Concat(Create(withdrawn, 2)).Concat(Create(none, 0)).Concat(Create(three, 3)).Concat(Create(four, 4))
            .ToFrozenDictionary(c => c.Code, StringComparer.Ordinal);
    }

    private static IEnumerable<Currency> Create(string codes, int digits) =>
        codes.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(code => new Currency(code, digits));
}
