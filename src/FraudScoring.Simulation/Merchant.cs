using FraudScoring.Core.Statistics;

namespace FraudScoring.Simulation;

/// <summary>How a merchant is paid.</summary>
internal enum MerchantKind
{
    Shop,
    Online,
    CashMachine,
    Subscription,
}

/// <summary>One of the Handbook's terminals, or a merchant abroad.</summary>
internal sealed class Merchant
{
    public required string Id { get; init; }

    public required MerchantKind Kind { get; init; }

    /// <summary>ISO 18245.</summary>
    public required int Category { get; init; }

    /// <summary>ISO 3166-1 alpha-2.</summary>
    public required string Country { get; init; }

    public required double Latitude { get; init; }

    public required double Longitude { get; init; }

    /// <summary>The payer and the terminal are at one place.</summary>
    public bool InPerson => Kind is MerchantKind.Shop or MerchantKind.CashMachine;

    /// <summary>A category that suits the kind; groceries and restaurants are the most common among shops.</summary>
    public static int DrawCategory(MerchantKind kind, RandomStream random) => kind switch
    {
        MerchantKind.Shop => random.Pick(ShopCategories),
        MerchantKind.Online => random.Pick(OnlineCategories),
        MerchantKind.CashMachine => 6011,
        _ => random.Pick(SubscriptionCategories),
    };

    private static readonly int[] ShopCategories =
        [5411, 5411, 5411, 5411, 5411, 5411, 5812, 5812, 5812, 5814, 5814, 5541, 5541, 5912, 5912, 5651, 5311, 5732, 4111, 5999];

    private static readonly int[] OnlineCategories = [5964, 5942, 5651, 5732, 4722, 5816, 5815, 5999];

    private static readonly int[] SubscriptionCategories = [4899, 5968, 4814];
}
