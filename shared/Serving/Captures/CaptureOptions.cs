using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace AiOs.Serving.Captures;

/// <summary>How long captures are kept: what reaches one of the limits goes, the oldest first.</summary>
public sealed record CaptureOptions
{
    /// <summary>How long (<c>AIOS_CAPTURES_DAYS</c>, 0 to 3650; 0 keeps none).</summary>
    public int Days { get; init; } = 30;

    /// <summary>How many (<c>AIOS_CAPTURES_MOST</c>, up to 100 million).</summary>
    public int Most { get; init; } = 100_000;

    /// <summary>How large all together are, in megabytes of input and output (<c>AIOS_CAPTURES_MB</c>).</summary>
    public int Megabytes { get; init; } = 512;

    /// <summary>Reads and checks the options.</summary>
    /// <exception cref="FormatException">A value is not a whole number within its bounds.</exception>
    public static CaptureOptions From(IConfiguration configuration)
    {
        var defaults = new CaptureOptions();
        return new() { Days = Whole("AIOS_CAPTURES_DAYS", 0, 3_650) ?? defaults.Days, Most = Whole("AIOS_CAPTURES_MOST", 1, 100_000_000) ?? defaults.Most, Megabytes = Whole("AIOS_CAPTURES_MB", 1, 1_000_000) ?? defaults.Megabytes };

        int? Whole(string key, int least, int most) => configuration[key] is not { Length: > 0 } text ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{key} must be a whole number from {least} to {most}."));
    }
}
