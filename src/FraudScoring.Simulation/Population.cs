using FraudScoring.Core.Statistics;

namespace FraudScoring.Simulation;

/// <summary>Who pays and who is paid: the Handbook's customers and terminals, and merchants in the cities people travel to.</summary>
internal sealed class Population
{
    private const int MerchantsPerCity = 25;
    private const int AreasPerSide = 100;
    private readonly TerminalGrid _grid;
    private readonly bool[] _canPay;

    public Population(SimulationOptions options)
    {
        Seed = options.Seed;
        Tokens = new Tokens(options.Seed);
        var x = new double[options.Terminals];
        var y = new double[options.Terminals];
        Terminals = [.. Enumerable.Range(0, options.Terminals).Select(i => DrawTerminal(i, out x[i], out y[i]))];
        Online = [.. Terminals.Where(t => t.Kind == MerchantKind.Online).DefaultIfEmpty(Terminals[0])];
        Abroad = [.. Geography.Cities.Select((city, i) => DrawCity(city, i, options.Terminals))];
        int linesPerArea = Math.Max(1, (int)(options.Customers / (2.2 * AreasPerSide * AreasPerSide)));
        Customers = [.. Enumerable.Range(0, options.Customers).Select(i => DrawCustomer(i, linesPerArea))];
        _grid = new TerminalGrid(x, y, options.Radius, options.MerchantSkew);
        _canPay = [.. Customers.Select(c => _grid.Count(c.X, c.Y) > 0)];
    }

    public ulong Seed { get; }

    public Tokens Tokens { get; }

    public Customer[] Customers { get; }

    /// <summary>The Handbook's terminals.</summary>
    public Merchant[] Terminals { get; }

    /// <summary>Those of the terminals that are online shops; the first terminal when there are none.</summary>
    public Merchant[] Online { get; }

    /// <summary>Merchants per city of <see cref="Geography.Cities"/>, all paid in person.</summary>
    public Merchant[][] Abroad { get; }

    /// <summary>False for a customer without a terminal in reach, who never pays.</summary>
    public bool CanPay(int customer) => _canPay[customer];

    /// <summary>A terminal in reach of a customer who <see cref="CanPay"/>.</summary>
    public int DrawTerminalFor(int customer, RandomStream random) => _grid.Draw(Customers[customer].X, Customers[customer].Y, random);

    private Merchant DrawTerminal(int index, out double x, out double y)
    {
        var random = new RandomStream(Seed, RandomPurpose.Merchant, index);
        x = random.Uniform(0, 100);
        y = random.Uniform(0, 100);
        MerchantKind kind = random.Uniform() switch
        {
            < 0.78 => MerchantKind.Shop,
            < 0.96 => MerchantKind.Online,
            < 0.98 => MerchantKind.CashMachine,
            _ => MerchantKind.Subscription,
        };
        return new Merchant
        {
            Id = Tokens.Merchant(index),
            Kind = kind,
            Category = Merchant.DrawCategory(kind, random),
            Country = Geography.CountryOf(Geography.Region(x, y)),
            Latitude = Geography.Latitude(y),
            Longitude = Geography.Longitude(x),
        };
    }

    private Merchant[] DrawCity(City city, int cityIndex, int terminals)
    {
        var random = new RandomStream(Seed, RandomPurpose.Merchant, -1 - cityIndex);
        return [.. Enumerable.Range(0, MerchantsPerCity).Select(i =>
        {
            MerchantKind kind = i % 12 == 0 ? MerchantKind.CashMachine : MerchantKind.Shop;
            return new Merchant
            {
                Id = Tokens.Merchant(terminals + cityIndex * MerchantsPerCity + i),
                Kind = kind,
                Category = Merchant.DrawCategory(kind, random),
                Country = city.Country,
                Latitude = Math.Round(city.Latitude + random.Uniform(-0.05, 0.05), 4),
                Longitude = Math.Round(city.Longitude + random.Uniform(-0.05, 0.05), 4),
            };
        })];
    }

    private Customer DrawCustomer(int index, int linesPerArea)
    {
        var random = new RandomStream(Seed, RandomPurpose.Customer, index);
        double x = random.Uniform(0, 100);
        double y = random.Uniform(0, 100);
        int area = (int)y * AreasPerSide + (int)x;
        return new Customer
        {
            X = x,
            Y = y,
            MeanAmount = random.Uniform(5, 100),
            PaymentsPerDay = random.Uniform(0, 4),
            Cards = [.. Enumerable.Range(0, random.Chance(0.08) ? 2 : 1).Select(n => Tokens.Card(index, n))],
            Account = Tokens.Account(index),
            Devices = [.. Enumerable.Range(0, random.Between(1, 3)).Select(n => Tokens.Device(index, n))],
            HomeAddress = IpAddresses.Home(area, random.Below(linesPerArea), linesPerArea),
            Region = Geography.Region(x, y),
            Prices = PriceLevel.Draw(random),
        };
    }
}
