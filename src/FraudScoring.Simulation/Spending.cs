using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Simulation;

/// <summary>
/// Legitimate payments of customers. Counts, times, amounts and terminals follow the Handbook, chapter 3; channel, device, address
/// and stays abroad are added without changing those.
/// </summary>
internal sealed class Spending(Population population)
{
    private const double ContactlessLimitCents = 5_000;

    /// <summary>Appends one customer's payments of one day, which depend on the seed, the customer and the day alone.</summary>
    public void AddPayments(int customer, int day, List<Draft> drafts)
    {
        if (!population.CanPay(customer))
        {
            return;
        }
        Customer payer = population.Customers[customer];
        var random = new RandomStream(population.Seed, RandomPurpose.Spending, customer, day);
        int count = random.Poisson(payer.PaymentsPerDay);
        Trip? trip = count == 0 ? null : Trip.On(population.Seed, customer, day);
        int ordinal = 0;
        for (int i = 0; i < count; i++)
        {
            var second = (int)random.Normal(43_200, 20_000);
            if (second is <= 0 or >= SecondsPer.Day)
            {
                continue;
            }
            Draft draft = Pay(customer, payer, trip, random);
            if (trip is { Travelling: true } && draft.Merchant.InPerson)
            {
                continue;
            }
            draft.TimeMs = second * (int)MillisecondsPer.Second + random.Below((int)MillisecondsPer.Second);
            draft.Ordinal = ordinal++;
            drafts.Add(draft);
        }
    }

    private Draft Pay(int customer, Customer payer, Trip? trip, RandomStream random)
    {
        int terminal = population.DrawTerminalFor(customer, random);
        Merchant merchant = population.Terminals[terminal];
        if (trip is { } stay && merchant.InPerson)
        {
            merchant = random.Pick(population.Abroad[stay.City]);
            terminal = -1;
        }
        long cents = DrawAmount(payer, merchant, random);
        var draft = new Draft
        {
            TimeMs = 0,
            Customer = customer,
            Card = payer.Cards.Length > 1 && random.Chance(0.3) ? 1 : 0,
            Terminal = terminal,
            Merchant = merchant,
            Cents = cents,
            Channel = merchant.Kind switch
            {
                MerchantKind.CashMachine => Channel.Atm,
                MerchantKind.Subscription => Channel.Recurring,
                MerchantKind.Online => Channel.Ecommerce,
                _ => random.Chance(cents <= ContactlessLimitCents ? 0.85 : 0.25) ? Channel.Contactless : Channel.CardPresent,
            },
        };
        if (!merchant.InPerson)
        {
            AddRemote(ref draft, payer, trip, random);
        }
        return draft;
    }

    private static long DrawAmount(Customer payer, Merchant merchant, RandomStream random)
    {
        double amount = random.Normal(payer.MeanAmount, payer.MeanAmount / 2);
        if (amount < 0)
        {
            amount = random.Uniform(0, 2 * payer.MeanAmount);
        }
        var cents = (long)Math.Round(amount * 100);
        return merchant.Kind == MerchantKind.CashMachine ? Math.Max(1, (cents + 500) / 1_000) * 1_000 : cents;
    }

    /// <summary>A merchant that keeps the card charges it without the payer's device.</summary>
    private void AddRemote(ref Draft draft, Customer payer, Trip? trip, RandomStream random)
    {
        draft.PayerCountry = trip is { } stay ? Geography.Cities[stay.City].Country : payer.Country;
        if (draft.Channel == Channel.Recurring)
        {
            draft.PayerCountry = payer.Country;
            return;
        }
        double which = random.Uniform();
        draft.Device = which < 0.01 ? population.Tokens.NewDevice(random)
            : which < 0.25 ? random.Pick(payer.Devices)
            : payer.Devices[0];
        draft.Address = trip is { } abroad && random.Chance(0.8) ? IpAddresses.Hotel(abroad.City, random)
            : random.Chance(0.73) ? payer.HomeAddress
            : IpAddresses.Carrier(payer.Region, random.Below(IpAddresses.CarrierPool));
    }
}
