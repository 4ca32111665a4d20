using System.Net;
using AiOs.Agents.Actions;

namespace AiOs.Tests.Actions;

public sealed class AllowedHostsTests
{
    [Theory]
    [InlineData("api.contoso.com", "https://api.contoso.com/x", true)]
    [InlineData("api.contoso.com", "https://API.contoso.com:8443/x", true)]
    [InlineData("api.contoso.com:443", "https://api.contoso.com:8443/x", false)]
    [InlineData("api.contoso.com:443", "https://api.contoso.com/x", true)]
    [InlineData("*.contoso.com", "https://a.b.contoso.com/x", true)]
    [InlineData("*.contoso.com", "https://contoso.com/x", false)]
    [InlineData("*.contoso.com", "https://evilcontoso.com/x", false)]
    [InlineData("a.example, b.example:80", "http://b.example/", true)]
    [InlineData("[::1]:7099", "http://[::1]:7099/", true)]
    [InlineData("", "https://api.contoso.com/", false)]
    [InlineData("api.contoso.com", "https://api.contoso.com.evil.example/", false)]
    public void The_list_names_hosts_and_ports(string list, string url, bool named) => Assert.Equal(named, new AllowedHosts(list).Names(new Uri(url)));

    [Theory]
    [InlineData("api.contoso.com", "api.contoso.com", "20.1.2.3", true)]
    [InlineData("api.contoso.com", "api.contoso.com", "10.1.2.3", true)]
    [InlineData("api.contoso.com", "api.contoso.com", "127.0.0.1", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "::ffff:127.0.0.1", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "169.254.169.254", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "64:ff9b::a9fe:a9fe", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "fe80::1", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "fd00:ec2::254", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "0.0.0.0", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "::", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "168.63.129.16", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "192.0.0.192", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "192.0.1.1", true)]
    [InlineData("api.contoso.com", "api.contoso.com", "::127.0.0.1", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "::a9fe:a9fe", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "::ffff:0:127.0.0.1", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "::ffff:0:a9fe:a9fe", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "2002:7f00:1::", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "2002:a9fe:a9fe::1", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "2001::80ff:fffe", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "2001:0:4136:e378:8000:63bf:5601:5601", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "64:ff9b:1:a9fe:a9:fe00::", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "64:ff9b::1401:203", true)]
    [InlineData("api.contoso.com", "api.contoso.com", "2603:1020::5efe:169.254.169.254", false)]
    [InlineData("api.contoso.com", "api.contoso.com", "2603:1020:201:10::10f", true)]
    [InlineData("api.contoso.com", "api.contoso.com", "2001:4860:4860::8888", true)]
    [InlineData("[::127.0.0.1]", "::127.0.0.1", "::127.0.0.1", true)]
    [InlineData("api.contoso.com,localhost", "api.contoso.com", "127.0.0.1", false)]
    [InlineData("localhost", "localhost", "127.0.0.1", true)]
    [InlineData("localhost:80", "localhost", "127.0.0.1", false)]
    [InlineData("127.0.0.1:7099", "127.0.0.1", "127.0.0.1", true)]
    [InlineData("169.254.169.254", "169.254.169.254", "169.254.169.254", true)]
    public void A_guarded_address_is_reached_only_where_the_list_names_it(string list, string host, string address, bool permitted) =>
        Assert.Equal(permitted, new AllowedHosts(list).Permits(host, 7099, IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://api.contoso.com")]
    [InlineData("a/b")]
    [InlineData("user@host")]
    [InlineData("*")]
    public void What_is_no_host_is_refused_at_start(string list) => Assert.Throws<FormatException>(() => new AllowedHosts(list));

    [Fact]
    public void Pauses_double_within_bounds_and_obey_the_host()
    {
        for (var attempt = 1; attempt < 40; attempt++)
        {
            var full = Math.Min(30_000, 200 * Math.Pow(2, attempt - 1));
            Assert.InRange(Backoff.After(attempt, TimeSpan.FromMilliseconds(200), null).TotalMilliseconds, full / 2, full);
        }

        Assert.Equal(TimeSpan.FromSeconds(7), Backoff.After(1, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(7)));
        Assert.Equal(TimeSpan.FromMinutes(1), Backoff.After(1, TimeSpan.FromMilliseconds(200), TimeSpan.FromHours(7)));
    }
}
