using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace AiOs.Agents.Actions;

/// <summary>The only way out to connectors: no proxy, no redirects, no cookies, no compression, and a connection only to an address that the operator's list permits, checked when it is made.</summary>
public sealed class Outbound(AllowedHosts hosts, TimeProvider clock) : IDisposable
{
    /// <summary>The most that is read of an answer.</summary>
    public const int AnswerLimit = 256 * 1024;

    readonly HttpMessageInvoker reusing = new(Handler(hosts, TimeSpan.FromMinutes(2)));

    // On a connection that is used again, HttpClient silently repeats a request without a body whose connection breaks. What must never be sent twice gets a connection of its own.
    readonly HttpMessageInvoker fresh = new(Handler(hosts, TimeSpan.Zero));

    static SocketsHttpHandler Handler(AllowedHosts hosts, TimeSpan lifetime) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionLifetime = lifetime,
        MaxResponseHeadersLength = 32,
        ConnectCallback = (context, cancellationToken) => ConnectAsync(hosts, context.DnsEndPoint, cancellationToken),
    };

    static async ValueTask<Stream> ConnectAsync(AllowedHosts hosts, DnsEndPoint target, CancellationToken cancellationToken)
    {
        var host = target.Host.Trim('[', ']');
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        // One address that is not permitted is enough to distrust the name.
        if (addresses.Length == 0 || !addresses.All(address => hosts.Permits(host, target.Port, address)))
            throw new AddressRefusedException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, target.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>One attempt, never longer than <paramref name="timeout"/>.</summary>
    /// <param name="request">Disposed here.</param>
    /// <param name="ownConnection">Whether the request must not be repeated by the transport.</param>
    /// <param name="timeout">Connecting, sending and reading the answer together.</param>
    /// <param name="cancellationToken">Gives up; the fate of the request is then not known.</param>
    internal async Task<Attempt> SendAsync(HttpRequestMessage request, bool ownConnection, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using (request)
        {
            if (!hosts.Names(request.RequestUri!))
                return Attempt.Refused("The host is not on the operator's list.");
            using var time = new CancellationTokenSource(timeout, clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
            try
            {
                using var response = await (ownConnection ? fresh : reusing).SendAsync(request, both.Token);
                return await Attempt.ReadAsync(response, clock.GetUtcNow(), both.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return Attempt.Broken($"No answer within {timeout.TotalSeconds:0.###} s.");
            }
            catch (HttpRequestException e) when (e.InnerException is AddressRefusedException)
            {
                return Attempt.Refused("The host resolves to an address that the operator's list does not permit.");
            }
            catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError)
            {
                return Attempt.NotSent(e.HttpRequestError == HttpRequestError.NameResolutionError ? "The host's name does not resolve." : "No connection to the host.");
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                return Attempt.Broken("The connection broke before the answer was complete.");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        reusing.Dispose();
        fresh.Dispose();
    }

    sealed class AddressRefusedException : IOException;
}
