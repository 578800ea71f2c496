using FraudScoring.Core.Statistics;

namespace FraudScoring.Simulation;

/// <summary>Commits remote frauds, with a new device, an address that other attackers may share, and a country.</summary>
internal readonly record struct Attacker(string Device, string Address, string Country)
{
    private const int Proxies = 64;

    /// <summary>Draws one who is not in the given country. Every other attacker uses one of 64 proxies.</summary>
    public static Attacker Draw(Population population, string? elsewhereThan, RandomStream random)
    {
        string device = population.Tokens.NewDevice(random);
        string address = random.Chance(0.5)
            ? IpAddresses.Stranger(new RandomStream(population.Seed, RandomPurpose.Proxies, random.Below(Proxies)))
            : IpAddresses.Stranger(random);
        string country;
        do
        {
            country = random.Pick(Geography.Cities).Country;
        }
        while (country == elsewhereThan);
        return new(device, address, country);
    }

    /// <summary>A payment with somebody's card at an online shop.</summary>
    public Draft Pay(int customer, int card, Merchant shop, int timeMs, double euros, FraudScenario scenario) => new()
    {
        TimeMs = timeMs,
        Customer = customer,
        Card = card,
        Terminal = -1,
        Merchant = shop,
        Channel = Core.Payments.Channel.Ecommerce,
        Cents = (long)Math.Round(euros * 100),
        Scenario = scenario,
        Device = Device,
        Address = Address,
        PayerCountry = Country,
    };
}
