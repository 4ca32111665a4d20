using System.Collections.Frozen;

namespace AiOs.Agents.Extraction;

/// <summary>A unit of measure.</summary>
/// <param name="Name">As values spell it: <c>kg</c>.</param>
/// <param name="Dimension">What it measures; only units of one dimension convert.</param>
/// <param name="Factor">How many base units of the dimension it is.</param>
/// <param name="Offset">Added after the factor; only temperatures have one.</param>
sealed record Unit(string Name, string Dimension, double Factor, double Offset = 0);

/// <summary>The units that quantities are read in, and how people write them.</summary>
public static class Units
{
    static readonly (string Dimension, string Name, double Factor, string Spellings)[] Table =
    [
        ("mass", "mg", 0.001, "mg milligram milligrams milligramme"), ("mass", "g", 1, "g gr gram grams gramme grammes"), ("mass", "kg", 1_000, "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes"),
        ("mass", "t", 1_000_000, "t ton tons tonne tonnes"), ("mass", "lb", 453.59237, "lb lbs pound pounds"), ("mass", "oz", 28.349523125, "oz ounce ounces"),
        ("length", "mm", 0.001, "mm millimetre millimetres millimeter millimeters"), ("length", "cm", 0.01, "cm centimetre centimetres centimeter centimeters"), ("length", "m", 1, "m metre metres meter meters"),
        ("length", "km", 1_000, "km kms kilometre kilometres kilometer kilometers"), ("length", "in", 0.0254, "inch inches"), ("length", "ft", 0.3048, "ft foot feet"), ("length", "yd", 0.9144, "yd yard yards"), ("length", "mi", 1_609.344, "mi mile miles"),
        ("area", "m2", 1, "m² m2 sqm square_metre square_metres square_meter square_meters sq_m"), ("area", "ha", 10_000, "ha hectare hectares"), ("area", "sqft", 0.09290304, "sqft square_foot square_feet sq_ft"),
        ("volume", "ml", 0.001, "ml millilitre millilitres milliliter milliliters"), ("volume", "l", 1, "l litre litres liter liters"), ("volume", "m3", 1_000, "m³ m3 cubic_metre cubic_metres cubic_meter cubic_meters"), ("volume", "gal", 3.785411784, "gal gallon gallons"),
        ("time", "ms", 0.001, "ms millisecond milliseconds"), ("time", "s", 1, "s sec secs second seconds"), ("time", "min", 60, "min mins minute minutes"), ("time", "h", 3_600, "h hr hrs hour hours"), ("time", "day", 86_400, "d day days"),
        ("time", "week", 604_800, "week weeks"), ("time", "month", 2_629_746, "month months"), ("time", "year", 31_556_952, "year years yr yrs"),
        ("data", "B", 1, "byte bytes"), ("data", "kB", 1e3, "kb kilobyte kilobytes"), ("data", "MB", 1e6, "mb megabyte megabytes"), ("data", "GB", 1e9, "gb gigabyte gigabytes gig gigs"), ("data", "TB", 1e12, "tb terabyte terabytes"),
        ("speed", "km/h", 1, "km/h kmh kph"), ("speed", "mph", 1.609344, "mph"), ("energy", "kWh", 1, "kwh"), ("power", "W", 1, "w watt watts"), ("power", "kW", 1_000, "kw kilowatt kilowatts"), ("share", "%", 1, "% percent pct per_cent"),
    ];

    static readonly Unit[] Temperatures = [new("C", "temperature", 1), new("F", "temperature", 5.0 / 9, -160.0 / 9)];

    static readonly Unit[] All = [.. Table.Select(row => new Unit(row.Name, row.Dimension, row.Factor)), .. Temperatures];

    static readonly FrozenDictionary<string, Unit> BySpelling = Table.SelectMany((row, at) => row.Spellings.Split(' ').Select(spelling => (Spelling: spelling.Replace('_', ' '), Unit: All[at])))
        .Concat([("°c", Temperatures[0]), ("celsius", Temperatures[0]), ("degrees celsius", Temperatures[0]), ("degrees", Temperatures[0]), ("°", Temperatures[0]), ("° c", Temperatures[0]), ("°f", Temperatures[1]), ("° f", Temperatures[1]), ("fahrenheit", Temperatures[1]), ("degrees fahrenheit", Temperatures[1])])
        .ToFrozenDictionary(entry => entry.Item1, entry => entry.Item2, StringComparer.Ordinal);

    /// <summary>The names that a field may declare.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(unit => unit.Name)];

    internal static Unit? Named(string name) => All.FirstOrDefault(unit => unit.Name == name);

    /// <summary>The unit whose spelling starts at a token, the longest first, and the token after it.</summary>
    internal static (Unit Unit, int Next)? Read(TextScan scan, int index)
    {
        for (var length = 3; length > 0; length--)
            if (Spelling(scan, index, length) is { Length: > 0 } spelling && BySpelling.TryGetValue(spelling, out var unit))
                return (unit, index + length);
        return null;
    }

    internal static double Convert(double value, Unit from, Unit to) => ((value * from.Factor) + from.Offset - to.Offset) / to.Factor;

    /// <summary>The tokens as a spelling: words in lower case, a blank where there is one between them.</summary>
    static string Spelling(TextScan scan, int index, int length)
    {
        if (index + length > scan.Count || scan[index + length - 1].End - scan[index].Start > 24)
            return "";
        var text = scan.Text[scan[index].Start..scan[index + length - 1].End];
        return text.Any(char.IsAsciiDigit) && length == 1 ? "" : text.ToLowerInvariant();
    }
}
