using System.Collections.Frozen;

namespace AiOs.Agents.Extraction;

/// <summary>Codes, minor units (ISO 4217), symbols and everyday words of the currencies that people write.</summary>
static class Currencies
{
    static readonly FrozenSet<string> Codes = new[]
    {
        "EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "TRY", "UAH", "ILS", "ZAR", "BRL",
        "MXN", "SGD", "HKD", "KRW", "THB", "AED", "SAR", "QAR", "KWD", "BHD", "OMR", "JOD", "TND", "IQD", "LYD", "EGP", "MAD", "NGN", "KES", "VND", "IDR", "MYR", "PHP", "TWD",
        "CLP", "COP", "ARS", "PEN", "ISK", "GEL", "RSD", "PKR", "BDT", "LKR", "UGX", "RWF", "XOF", "XAF", "PYG",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Codes that are also English words; they count in capitals only.</summary>
    static readonly FrozenSet<string> Homonyms = new[] { "TRY", "RON", "MAD", "PEN", "COP", "GEL", "CAD", "SEK" }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenDictionary<string, int> Digits = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["JPY"] = 0, ["KRW"] = 0, ["VND"] = 0, ["CLP"] = 0, ["ISK"] = 0, ["UGX"] = 0, ["RWF"] = 0, ["XOF"] = 0, ["XAF"] = 0, ["PYG"] = 0,
        ["KWD"] = 3, ["BHD"] = 3, ["OMR"] = 3, ["JOD"] = 3, ["TND"] = 3, ["IQD"] = 3, ["LYD"] = 3,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    static readonly FrozenDictionary<string, string> Words = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["euro"] = "EUR", ["euros"] = "EUR", ["dollar"] = "$", ["dollars"] = "$", ["bucks"] = "$", ["pound"] = "GBP", ["pounds"] = "GBP", ["quid"] = "GBP",
        ["sterling"] = "GBP", ["franc"] = "CHF", ["francs"] = "CHF", ["yen"] = "JPY", ["yuan"] = "CNY", ["renminbi"] = "CNY", ["rmb"] = "CNY", ["rupee"] = "INR",
        ["rupees"] = "INR", ["rs"] = "INR", ["kr"] = "kr", ["krona"] = "SEK", ["kronor"] = "SEK", ["krone"] = "NOK", ["kroner"] = "NOK", ["zloty"] = "PLN",
        ["zlotys"] = "PLN", ["zł"] = "PLN", ["forint"] = "HUF", ["forints"] = "HUF", ["koruna"] = "CZK", ["kč"] = "CZK", ["lira"] = "TRY", ["hryvnia"] = "UAH",
        ["shekel"] = "ILS", ["shekels"] = "ILS", ["rand"] = "ZAR", ["peso"] = "MXN", ["pesos"] = "MXN", ["dirham"] = "AED", ["dirhams"] = "AED", ["riyal"] = "SAR",
        ["riyals"] = "SAR", ["baht"] = "THB", ["ringgit"] = "MYR",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    static readonly FrozenDictionary<string, string> Dollars = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["us"] = "USD", ["american"] = "USD", ["a"] = "AUD", ["au"] = "AUD", ["australian"] = "AUD", ["c"] = "CAD", ["ca"] = "CAD", ["canadian"] = "CAD",
        ["nz"] = "NZD", ["zealand"] = "NZD", ["s"] = "SGD", ["sg"] = "SGD", ["singapore"] = "SGD", ["hk"] = "HKD", ["kong"] = "HKD",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    static readonly FrozenSet<string> Nations = new[] { "swiss", "british", "us", "american", "canadian", "australian", "singapore", "japanese", "indian" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>How many digits the minor unit has.</summary>
    public static int MinorDigits(string code) => Digits.GetValueOrDefault(code, 2);

    public static bool IsCode(string code) => Codes.Contains(code);

    /// <summary>"cents", "pence": hundredths of the currency in use.</summary>
    public static bool IsMinorWord(string word) => word is "cent" or "cents" or "pence" or "penny" or "pennies";

    /// <summary>The currency before a number that starts at <paramref name="number"/>, and the first token of it.</summary>
    public static (string Code, int First)? Before(TextScan scan, int number, string home)
    {
        var at = number - 1;
        if (at >= 0 && scan.IsSymbol(at, '.') && scan.Is(at - 1, "rs"))
            at--;
        if (Named(scan, at, home) is not { } code || !Near(scan, number))
            return null;
        if (scan.IsSymbol(at, '$') && scan.Touches(at) && Dollars.TryGetValue(scan.Word(at - 1), out var dollars))
            return (dollars, at - 1);
        return (code, at);
    }

    /// <summary>The currency after a number whose next token is <paramref name="next"/>, and the token after it.</summary>
    public static (string Code, int Next)? After(TextScan scan, int next, string home)
    {
        if (scan.IsSymbol(next, ',') && scan.IsSymbol(next + 1, '-') && scan.Touches(next + 1) && Named(scan, next + 2, home) is { } dashed)
            return (dashed, next + 3);   // "240,- €"
        if (Nations.Contains(scan.Word(next)) && Named(scan, next + 1, home) is { } nation)
            return (scan.Word(next + 1).StartsWith("dollar", StringComparison.Ordinal) && Dollars.TryGetValue(scan.Word(next), out var dollars) ? dollars : nation, next + 2);
        return Named(scan, next, home) is { } code && (scan.Touches(next) || Near(scan, next)) ? (code, next + 1) : null;
    }

    static bool Near(TextScan scan, int index) => index > 0 && scan[index].Start - scan[index - 1].End <= 2;

    static string? Named(TextScan scan, int index, string home)
    {
        if (scan.KindAt(index) == TokenKind.Symbol)
            return scan.TextAt(index)[0] switch
            {
                '€' => "EUR",
                '$' => Dollar(home),
                '£' => "GBP",
                '¥' => home == "CNY" ? "CNY" : "JPY",
                '₹' => "INR",
                '₩' => "KRW",
                '₺' => "TRY",
                '₴' => "UAH",
                '₪' => "ILS",
                '₫' => "VND",
                '₦' => "NGN",
                _ => null,
            };
        var word = scan.Word(index);
        if (word.Length == 3 && word.ToUpperInvariant() is var code && Codes.Contains(code) && (!Homonyms.Contains(code) || scan.TextAt(index).SequenceEqual(code)))
            return code;
        return Words.GetValueOrDefault(word) switch
        {
            "$" => Dollar(home),
            "kr" => home is "SEK" or "NOK" or "DKK" or "ISK" ? home : "SEK",
            var named => named,
        };
    }

    static string Dollar(string home) => home is "AUD" or "CAD" or "NZD" or "SGD" or "HKD" or "USD" ? home : "USD";
}
