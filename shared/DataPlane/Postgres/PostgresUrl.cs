using System.Globalization;
using Npgsql;

namespace AiOs.DataPlane.Postgres;

/// <summary>Reads <c>postgres://user:password@host:port/database?sslmode=require</c>, as libpq and every cloud write it. A query parameter is any
/// Npgsql connection keyword; <c>host=/folder</c> there means a Unix socket. Error messages never show the URL.</summary>
public static class PostgresUrl
{
    /// <summary>Whether <paramref name="value"/> begins with <c>postgres://</c> or <c>postgresql://</c>.</summary>
    public static bool Is(string value) => value.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || value.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    /// <summary>The Npgsql connection string.</summary>
    /// <exception cref="FormatException">The URL does not have the form; the message says what is wrong without repeating it.</exception>
    public static string ToConnectionString(string url)
    {
        if (!Is(url)) throw new FormatException("A PostgreSQL URL begins with postgres:// or postgresql://.");
        if (!Uri.TryCreate(WithHost(url), UriKind.Absolute, out var uri))
            throw new FormatException("The PostgreSQL URL cannot be read; write postgres://user:password@host:port/database and percent-encode special characters of the password.");
        var connection = new NpgsqlConnectionStringBuilder { Host = uri.Host.Length > 0 ? uri.Host.Trim('[', ']') : "localhost", Port = uri.Port > 0 ? uri.Port : 5432 };
        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0) connection.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length == 2) connection.Password = Uri.UnescapeDataString(user[1]);
        var name = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        if (name.Length == 0) throw new FormatException("The PostgreSQL URL names no database: end it with /database.");
        connection.Database = name;
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)) Apply(connection, pair);
        return connection.ToString();
    }

    /// <summary>The host may be left out before the database: <c>postgres://user@/database</c>.</summary>
    static string WithHost(string url)
    {
        var authority = url.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = url.IndexOf('/', authority);
        return end > 0 && (end == authority || url[end - 1] == '@') ? url.Insert(end, "localhost") : url;
    }

    static void Apply(NpgsqlConnectionStringBuilder connection, string pair)
    {
        var parts = pair.Split('=', 2);
        var key = Uri.UnescapeDataString(parts[0]);
        var value = parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "";
        try
        {
            connection[key switch
            {
                "sslmode" => "SSL Mode",
                "sslrootcert" => "Root Certificate",
                "connect_timeout" => "Timeout",
                "application_name" => "Application Name",
                _ => key,
            }] = key == "sslmode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidCastException or KeyNotFoundException or NotSupportedException)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"The PostgreSQL URL has a parameter '{key}' that does not exist or cannot have that value."), exception);
        }
    }
}
