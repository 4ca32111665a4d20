using System.Globalization;
using System.Text.Json;

namespace AiOs.Local.CommandLine;

/// <summary>How the command line writes points in time: UTC, to the second (<c>2026-11-26 14:37:27Z</c>). <c>--json</c> keeps them as they are.</summary>
static class Moment
{
    /// <summary>A JSON text that is a time (ISO 8601).</summary>
    internal static string Of(JsonElement at) => at.GetDateTimeOffset().ToString("u", CultureInfo.InvariantCulture);
}
