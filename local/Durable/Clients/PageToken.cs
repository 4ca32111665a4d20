using System.Globalization;

namespace AiOs.Local.Durable.Clients;

/// <summary>Where a page ended: the key of its last row.</summary>
static class PageToken
{
    public static string Write(long key) => key.ToString(CultureInfo.InvariantCulture);

    /// <exception cref="ArgumentOutOfRangeException">A page has at least one row.</exception>
    public static void RequireSize(int size) => ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);

    /// <exception cref="ArgumentException">No page ended there.</exception>
    public static long Read(string? token) => string.IsNullOrEmpty(token) ? 0
        : long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var key) ? key
        : throw new ArgumentException($"'{token}' is no continuation token of this engine.", nameof(token));
}
