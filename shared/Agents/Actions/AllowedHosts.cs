using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace AiOs.Agents.Actions;

/// <summary>
/// The operator's list of hosts that connectors may call: <c>AIOS_ALLOWED_HOSTS</c>, entries <c>host</c>, <c>host:port</c> or <c>*.domain</c> with commas between; empty allows nothing.
/// A name is checked, and so is every address that it resolves to: loopback, link-local and cloud metadata addresses only where the entry names them (<c>localhost</c>, <c>127.0.0.1:7099</c>).
/// </summary>
public sealed class AllowedHosts
{
    /// <summary>The configuration key.</summary>
    public const string Key = "AIOS_ALLOWED_HOSTS";

    /// <summary>Addresses of the hosting platform that answer without a password (169.254.0.0/16 is link-local anyway).</summary>
    static readonly IPAddress[] PlatformAddresses = [IPAddress.Parse("168.63.129.16"), IPAddress.Parse("100.100.100.200"), IPAddress.Parse("fd00:ec2::254"), IPAddress.Parse("fd20:ce::254")];

    readonly IReadOnlyList<Entry> entries;

    /// <summary>Reads the list from the configuration.</summary>
    /// <exception cref="FormatException">An entry is not a host.</exception>
    public AllowedHosts(IConfiguration configuration) : this(configuration[Key] ?? "")
    {
    }

    internal AllowedHosts(string list) => entries = [.. list.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Entry.Parse)];

    /// <summary>Whether the list names the host and port of <paramref name="url"/>.</summary>
    public bool Names(Uri url) => entries.Any(entry => entry.Covers(url.IdnHost.Trim('[', ']'), url.Port));

    /// <summary>Whether a connection to <paramref name="address"/> may be made for a call to <paramref name="host"/>, which the list names.</summary>
    internal bool Permits(string host, int port, IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (!IsGuarded(address))
            return true;
        return entries.Any(entry => (entry.Port is null || entry.Port == port) && (entry.Address?.Equals(address) == true
            || IPAddress.IsLoopback(address) && entry.Host == "localhost" && host.Equals("localhost", StringComparison.OrdinalIgnoreCase)));
    }

    static bool IsGuarded(IPAddress address) => IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || PlatformAddresses.Contains(address)
        || (address.AddressFamily == AddressFamily.InterNetwork
            ? address.GetAddressBytes() is [0, ..] or [169, 254, ..] or [192, 0, 0, ..] or [>= 224, ..]
            : address.IsIPv6LinkLocal || address.IsIPv6Multicast || IsDetour(address.GetAddressBytes()));

    /// <summary>IPv6 spellings and tunnels that end at an IPv4 address. The living ones, NAT64 (RFC 6052) and ISATAP (RFC 5214), are as good as what they embed;
    /// IPv4-compatible (::/96) and IPv4-translated (::ffff:0:0:0/96) addresses, NAT64 of one's own (64:ff9b:1::/48), Teredo (2001::/32) and 6to4 (2002::/16) lead to no public service.</summary>
    static bool IsDetour(byte[] bytes) => bytes switch
    {
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ..] or [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, ..] => true,
        [0x20, 0x01, 0, 0, ..] or [0x20, 0x02, ..] or [0, 0x64, 0xff, 0x9b, 0, 1, ..] => true,
        [0, 0x64, 0xff, 0x9b, ..] or [_, _, _, _, _, _, _, _, 0 or 2, 0, 0x5e, 0xfe, ..] => IsGuarded(new IPAddress(bytes.AsSpan(12))),
        _ => false,
    };

    sealed record Entry(string Host, int? Port, IPAddress? Address)
    {
        public static Entry Parse(string text)
        {
            var wild = text.StartsWith("*.", StringComparison.Ordinal);
            if (!Uri.TryCreate("https://" + (wild ? text[2..] : text), UriKind.Absolute, out var url) || url.PathAndQuery != "/" || url.UserInfo.Length > 0 || text.Contains('/', StringComparison.Ordinal))
                throw new FormatException($"{Key} holds '{text}', which is not host, host:port or *.domain.");
            var host = url.IdnHost.Trim('[', ']').ToLowerInvariant();
            var port = text.EndsWith(":443", StringComparison.Ordinal) ? 443 : url.IsDefaultPort ? (int?)null : url.Port;
            return new(wild ? "*." + host : host, port, IPAddress.TryParse(host, out var address) ? address : null);
        }

        public bool Covers(string host, int port) => (Port is null || Port == port) && (Host.StartsWith("*.", StringComparison.Ordinal)
            ? host.EndsWith(Host[1..], StringComparison.OrdinalIgnoreCase)
            : host.Equals(Host, StringComparison.OrdinalIgnoreCase));
    }
}
