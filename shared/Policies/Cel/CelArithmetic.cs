using System.Globalization;

namespace AiOs.Policies.Cel;

/// <summary>Arithmetic and conversions. Integers are checked for overflow; doubles follow IEEE 754; nothing is converted silently.</summary>
static class CelArithmetic
{
    /// <summary>The result, or null where the operator has no overload for these types.</summary>
    /// <exception cref="OverflowException">The result leaves the range.</exception>
    /// <exception cref="DivideByZeroException">An int is divided by zero.</exception>
    public static object? Apply(string op, object left, object right) => (left, right) switch
    {
        (long a, long b) => Integers(op, a, b),
        (double a, double b) => op switch { "+" => a + b, "-" => a - b, "*" => a * b, "/" => a / b, _ => null },
        (string a, string b) => op == "+" ? string.Concat(a, b) : null,
        (IReadOnlyList<object?> a, IReadOnlyList<object?> b) => op == "+" ? (List<object?>)[.. a, .. b] : null,
        (DateTimeOffset a, DateTimeOffset b) => op == "-" ? a - b : null,
        (DateTimeOffset a, TimeSpan b) => op switch { "+" => a + b, "-" => a - b, _ => null },
        (TimeSpan a, DateTimeOffset b) => op == "+" ? b + a : null,
        (TimeSpan a, TimeSpan b) => op switch { "+" => a + b, "-" => a - b, _ => null },
        _ => null,
    };

    static object? Integers(string op, long a, long b) => op switch
    {
        "+" => checked(a + b),
        "-" => checked(a - b),
        "*" => checked(a * b),
        "/" => checked(a / b),
        "%" => b == -1 ? (a == long.MinValue ? throw new OverflowException() : 0L) : a % b,
        _ => null,
    };

    /// <summary>What <c>int(x)</c>, <c>double(x)</c> ... give; null where the value does not convert.</summary>
    public static object? Convert(string function, object value) => (function, value) switch
    {
        ("int", long) or ("double", double) or ("string", string) or ("bool", bool) or ("timestamp", DateTimeOffset) or ("duration", TimeSpan) => value,
        ("int", double number) => number > -9223372036854775808.0 && number < 9223372036854775808.0 ? (long)Math.Truncate(number) : null,
        ("int", string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null,
        ("int", DateTimeOffset at) => at.ToUnixTimeSeconds(),
        ("double", long whole) => (double)whole,
        ("double", string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
        ("string", _) => CelValue.Text(value),
        ("bool", string text) => text switch { "true" or "True" or "TRUE" or "t" or "1" => true, "false" or "False" or "FALSE" or "f" or "0" => false, _ => null },
        ("timestamp", string text) => CelTime.Timestamp(text),
        ("timestamp", long seconds) => seconds is >= -62135596800 and <= 253402300799 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
        ("duration", string text) => CelTime.Duration(text),
        _ => null,
    };
}
