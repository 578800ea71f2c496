namespace FraudScoring.Simulation;

/// <summary>A place on Earth that people travel to.</summary>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
/// <param name="Latitude">Degrees north.</param>
/// <param name="Longitude">Degrees east.</param>
/// <param name="Far">At least 1,300 km from every home.</param>
internal sealed record City(string Country, double Latitude, double Longitude, bool Far);

/// <summary>
/// Lays the Handbook's plane over the Low Countries and their neighbours: 100 by 100 units are about 380 by 380 km around Brussels, so
/// that a customer's radius of 5 is 19 km and borders are crossed now and then.
/// </summary>
internal static class Geography
{
    /// <summary>Towns. A customer belongs to the region and country of the nearest one.</summary>
    private static readonly City[] Towns =
    [
        new("BE", 50.85, 4.35, false), new("BE", 51.22, 4.40, false), new("BE", 51.05, 3.72, false), new("BE", 50.63, 5.57, false),
        new("FR", 50.63, 3.06, false), new("FR", 49.26, 4.03, false), new("FR", 49.12, 6.18, false), new("FR", 49.89, 2.30, false),
        new("FR", 49.77, 4.72, false), new("LU", 49.61, 6.13, false), new("NL", 51.92, 4.48, false), new("NL", 52.09, 5.12, false),
        new("NL", 51.44, 5.47, false), new("NL", 51.50, 3.61, false), new("NL", 51.98, 5.91, false), new("NL", 50.85, 5.69, false),
        new("DE", 50.94, 6.96, false), new("DE", 51.51, 7.47, false), new("DE", 49.76, 6.64, false), new("DE", 50.36, 7.59, false),
        new("DE", 49.23, 7.00, false), new("DE", 51.96, 7.63, false),
    ];

    /// <summary>Where customers travel to, and where copied cards turn up.</summary>
    public static IReadOnlyList<City> Cities { get; } =
    [
        new("GB", 51.51, -0.13, false), new("FR", 48.86, 2.35, false), new("ES", 40.42, -3.70, false), new("ES", 41.39, 2.17, false),
        new("IT", 41.90, 12.50, false), new("AT", 48.21, 16.37, false), new("CH", 47.38, 8.54, false), new("DK", 55.68, 12.57, false),
        new("GR", 37.98, 23.73, true), new("TR", 41.01, 28.98, true), new("MA", 31.63, -8.00, true), new("EG", 30.04, 31.24, true),
        new("US", 40.71, -74.01, true), new("US", 25.76, -80.19, true), new("US", 34.05, -118.24, true), new("MX", 19.43, -99.13, true),
        new("BR", -23.55, -46.63, true), new("AE", 25.20, 55.27, true), new("TH", 13.76, 100.50, true), new("SG", 1.35, 103.82, true),
        new("JP", 35.68, 139.69, true), new("NG", 6.52, 3.38, true), new("ZA", -33.92, 18.42, true), new("AU", -33.87, 151.21, true),
    ];

    /// <summary>Indices of the far ones among <see cref="Cities"/>.</summary>
    public static IReadOnlyList<int> FarCities { get; } = [.. Enumerable.Range(0, Cities.Count).Where(i => Cities[i].Far)];

    /// <summary>The town nearest to a point of the plane.</summary>
    public static int Region(double x, double y)
    {
        int nearest = 0;
        double least = double.MaxValue;
        for (int i = 0; i < Towns.Length; i++)
        {
            double dx = (Towns[i].Longitude - Longitude(x)) / 0.054;
            double dy = (Towns[i].Latitude - Latitude(y)) / 0.034;
            double square = dx * dx + dy * dy;
            if (square < least)
            {
                least = square;
                nearest = i;
            }
        }
        return nearest;
    }

    /// <summary>ISO 3166-1 alpha-2 country of a region.</summary>
    public static string CountryOf(int region) => Towns[region].Country;

    /// <summary>Degrees north of a point of the plane, to about 10 m.</summary>
    public static double Latitude(double y) => Math.Round(49.2 + y * 0.034, 4);

    /// <summary>Degrees east of a point of the plane, to about 10 m.</summary>
    public static double Longitude(double x) => Math.Round(2.6 + x * 0.054, 4);
}
