using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace AiOs.Policies.Cel;

/// <summary>Between JSON and CEL values, and the comparison of values as the CEL language definition has it.</summary>
public static class CelValue
{
    const int MaxDepth = 64;

    /// <summary>The CEL value of <paramref name="json"/> read as <paramref name="type"/>: dates become timestamps and <c>2.0</c> an int where the type says so.</summary>
    /// <exception cref="FormatException">The value is not of that type; the message names types, never the value.</exception>
    public static object? FromJson(JsonElement json, CelType type)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Null or JsonValueKind.Undefined:
                return null;
            case JsonValueKind.True or JsonValueKind.False when type.Kind is CelKind.Bool or CelKind.Dyn:
                return json.GetBoolean();
            case JsonValueKind.Number when type.Kind is CelKind.Int or CelKind.Double or CelKind.Dyn:
                return Coerce(json.TryGetInt64(out var whole) ? whole : json.GetDouble(), type);
            case JsonValueKind.String when type.Kind is CelKind.String or CelKind.Dyn:
                return json.GetString();
            case JsonValueKind.String when type.Kind is CelKind.Timestamp or CelKind.Duration:
                return Coerce(json.GetString(), type);
            case JsonValueKind.Array when type.Kind is CelKind.List or CelKind.Dyn:
                var element = type.Element ?? CelType.Dyn;
                return json.EnumerateArray().Select(item => FromJson(item, element)).ToList();
            case JsonValueKind.Object when type.Kind is CelKind.Map or CelKind.Dyn or CelKind.Object:
                var fields = new Dictionary<string, object?>(StringComparer.Ordinal);
                foreach (var property in json.EnumerateObject())
                    fields[property.Name] = FromJson(property.Value, type.Kind == CelKind.Object ? type.Fields.GetValueOrDefault(property.Name, CelType.Dyn) : type.Element ?? CelType.Dyn);
                return fields;
            default:
                throw new FormatException($"{Article(json.ValueKind)} is not {CelChecker.Article(type)}");
        }
    }

    /// <summary>Fits a CEL value to a declared type: an int may become a double, a double without fraction an int, RFC 3339 text a timestamp, <c>4h</c> a duration.</summary>
    /// <exception cref="FormatException">It does not fit; the message names types, never the value.</exception>
    public static object? Coerce(object? value, CelType type) => (type.Kind, value) switch
    {
        (_, null) or (CelKind.Dyn, _) => value,
        (CelKind.Bool, bool) or (CelKind.Int, long) or (CelKind.Double, double) or (CelKind.String, string) or (CelKind.Timestamp, DateTimeOffset) or (CelKind.Duration, TimeSpan) => value,
        (CelKind.Double, long whole) => (double)whole,
        (CelKind.Int, double number) when number == Math.Floor(number) && Math.Abs(number) < 1L << 53 => (long)number,
        (CelKind.Timestamp, string text) when CelTime.Timestamp(text) is { } at => at,
        (CelKind.Duration, string text) when CelTime.Duration(text) is { } span => span,
        (CelKind.List, IReadOnlyList<object?> list) => list.Select(item => Coerce(item, type.Element!)).ToList(),
        (CelKind.Map, IReadOnlyDictionary<string, object?> map) => map.ToDictionary(entry => entry.Key, entry => Coerce(entry.Value, type.Element!), StringComparer.Ordinal),
        (CelKind.Object, IReadOnlyDictionary<string, object?> map) => map.ToDictionary(entry => entry.Key,
            entry => Coerce(entry.Value, type.Fields.GetValueOrDefault(entry.Key, CelType.Dyn)), StringComparer.Ordinal),
        _ => throw new FormatException($"{TypeName(value)} is not {CelChecker.Article(type)}"),
    };

    /// <summary>The JSON of a CEL value: timestamps as RFC 3339 text in UTC, durations as <c>1.5s</c>; keys keep their order.</summary>
    public static JsonElement ToJson(object? value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, value, 0);
        var reader = new Utf8JsonReader(buffer.WrittenSpan, new JsonReaderOptions { MaxDepth = MaxDepth + 2 });
        return JsonElement.ParseValue(ref reader);
    }

    static void Write(Utf8JsonWriter writer, object? value, int depth)
    {
        if (depth > MaxDepth)
            throw new FormatException("The value is nested too deep.");
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case bool truth: writer.WriteBooleanValue(truth); break;
            case long whole: writer.WriteNumberValue(whole); break;
            case double number when double.IsFinite(number): writer.WriteNumberValue(number); break;
            case double number: writer.WriteStringValue(number.ToString(CultureInfo.InvariantCulture)); break;
            case string text: writer.WriteStringValue(text); break;
            case DateTimeOffset at: writer.WriteStringValue(CelTime.Text(at)); break;
            case TimeSpan span: writer.WriteStringValue(CelTime.Text(span)); break;
            case IReadOnlyDictionary<string, object?> map:
                writer.WriteStartObject();
                foreach (var (key, item) in map)
                {
                    writer.WritePropertyName(key);
                    Write(writer, item, depth + 1);
                }
                writer.WriteEndObject();
                break;
            case IReadOnlyList<object?> list:
                writer.WriteStartArray();
                foreach (var item in list)
                    Write(writer, item, depth + 1);
                writer.WriteEndArray();
                break;
            default: throw new FormatException($"{value.GetType().Name} is no CEL value.");
        }
    }

    /// <summary>The text of a scalar as <c>string(x)</c> gives it; null for lists, maps and null.</summary>
    public static string? Text(object? value) => value switch
    {
        string text => text,
        bool truth => truth ? "true" : "false",
        long whole => whole.ToString(CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        DateTimeOffset at => CelTime.Text(at),
        TimeSpan span => CelTime.Text(span),
        _ => null,
    };

    /// <summary>Heterogeneous equality: numbers on one number line, NaN equal to nothing, other types equal only to their own.</summary>
    internal static bool AreEqual(object? left, object? right, ref int budget, int depth = 0)
    {
        if (--budget < 0 || depth > MaxDepth)
        {
            budget = -1;
            return false;
        }
        switch (left, right)
        {
            case (null, null): return true;
            case (bool a, bool b): return a == b;
            case (string a, string b): budget -= a.Length / 64; return a == b;
            case (DateTimeOffset a, DateTimeOffset b): return a == b;
            case (TimeSpan a, TimeSpan b): return a == b;
            case (long or double, long or double): return Order(left, right) == 0;
            case (IReadOnlyDictionary<string, object?> a, IReadOnlyDictionary<string, object?> b):
                if (a.Count != b.Count)
                    return false;
                foreach (var (key, item) in a)
                    if (!b.TryGetValue(key, out var other) || !AreEqual(item, other, ref budget, depth + 1))
                        return false;
                return true;
            case (IReadOnlyList<object?> a, IReadOnlyList<object?> b):
                if (a.Count != b.Count)
                    return false;
                for (var i = 0; i < a.Count; i++)
                    if (!AreEqual(a[i], b[i], ref budget, depth + 1))
                        return false;
                return true;
            default: return false;
        }
    }

    /// <summary>Negative, zero or positive; null where there is no order (different types, NaN).</summary>
    internal static int? Order(object? left, object? right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? null : a < b ? -1 : a > b ? 1 : 0,
        (long a, double b) => Order(a, b),
        (double a, long b) => -Order(b, a),
        (string a, string b) => CodePoints(a, b),
        (bool a, bool b) => a.CompareTo(b),
        (DateTimeOffset a, DateTimeOffset b) => a.CompareTo(b),
        (TimeSpan a, TimeSpan b) => a.CompareTo(b),
        _ => null,
    };

    static int? Order(long whole, double number)
    {
        if (double.IsNaN(number))
            return null;
        if (number >= 9223372036854775808.0)
            return -1;
        if (number < -9223372036854775808.0)
            return 1;
        var floor = Math.Floor(number);
        var order = whole.CompareTo((long)floor);
        return order != 0 ? order : floor < number ? -1 : 0;
    }

    /// <summary>UTF-16 order differs from code-point order only where a surrogate meets a unit above the surrogates.</summary>
    static int CodePoints(string a, string b)
    {
        var shared = a.AsSpan().CommonPrefixLength(b);
        if (shared == a.Length || shared == b.Length)
            return a.Length.CompareTo(b.Length);
        var (x, y) = (a[shared], b[shared]);
        return char.IsSurrogate(x) == char.IsSurrogate(y) ? x.CompareTo(y) : Rank(x).CompareTo(Rank(y));

        static int Rank(char c) => char.IsSurrogate(c) ? 0x10000 : c;
    }

    internal static string TypeName(object? value) => value switch
    {
        null => "null",
        bool => "a bool",
        long => "an int",
        double => "a double",
        string => "a string",
        DateTimeOffset => "a timestamp",
        TimeSpan => "a duration",
        IReadOnlyDictionary<string, object?> => "a map",
        IReadOnlyList<object?> => "a list",
        _ => value.GetType().Name,
    };

    static string Article(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "a map",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        _ => "a bool",
    };
}
