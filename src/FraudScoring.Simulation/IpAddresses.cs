using System.Globalization;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Simulation;

/// <summary>
/// Simulated IPv4 addresses, all of 10.0.0.0/8, which belongs to nobody. One-to-one from an index below 2^24, scrambled so that
/// customers and attackers do not lie in blocks of their own.
/// </summary>
internal static class IpAddresses
{
    /// <summary>Addresses that many phones of a region share.</summary>
    public const int CarrierPool = 20;

    private const int CarrierStart = 1 << 22;
    private const int HotelStart = CarrierStart + (1 << 16);
    private const int StrangerStart = 1 << 23;
    private const int HotelPool = 50;

    /// <summary>The line of a small area: few customers live there, and share it.</summary>
    public static string Home(int area, int line, int linesPerArea) => Create(area * linesPerArea + line);

    /// <summary>One of the addresses behind which a region's carrier hides its phones.</summary>
    public static string Carrier(int region, int number) => Create(CarrierStart + region * CarrierPool + number);

    /// <summary>One of the hotels and cafes of a city.</summary>
    public static string Hotel(int city, RandomStream random) => Create(HotelStart + city * HotelPool + random.Below(HotelPool));

    /// <summary>An address nobody else is likely to use.</summary>
    public static string Stranger(RandomStream random) => Create(StrangerStart + random.Below(1 << 23));

    private static string Create(int index)
    {
        uint scrambled = (uint)index * 0x9E3779B1 & 0xFFFFFF;
        scrambled ^= scrambled >> 13;
        scrambled = scrambled * 0x85EBCA6B & 0xFFFFFF;
        return string.Create(CultureInfo.InvariantCulture, $"10.{scrambled >> 16}.{scrambled >> 8 & 255}.{scrambled & 255}");
    }
}
