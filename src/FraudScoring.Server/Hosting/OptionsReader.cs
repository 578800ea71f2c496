using System.ComponentModel.DataAnnotations;
using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Hosting;

/// <summary>Reads sections of the configuration into records, and collects all that is wrong with any of them.</summary>
internal static class OptionsReader
{
    /// <summary>Reads one section; unknown names, values of another kind and values out of range are faults.</summary>
    public static T Bind<T>(IConfiguration configuration, string section, Faults faults) where T : class, new()
    {
        var options = new T();
        var node = configuration.GetSection(section);
        var known = typeof(T).GetProperties().Where(p => p.CanWrite).ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var child in node.GetChildren())
        {
            if (!known.TryGetValue(child.Key, out var property))
            {
                faults.Add($"{section}:{child.Key}", $"is not an option; options are {string.Join(", ", known.Keys)}");
                continue;
            }
            try
            {
                property.SetValue(options, child.Get(property.PropertyType));
            }
            catch (InvalidOperationException)
            {
                faults.Add($"{section}:{child.Key}", $"is not {Kind(property.PropertyType)}");
            }
        }
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        faults.AddRange(results.Select(result => new Fault($"{section}:{result.MemberNames.FirstOrDefault()}", result.ErrorMessage ?? "is invalid")));
        return options;
    }

    private static string Kind(Type type) =>
        type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}" : type == typeof(bool) ? "true or false" : "a whole number";
}
