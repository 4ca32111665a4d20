using AiOs.Serving.Chat;
using AiOs.Serving.Wire;

namespace AiOs.Serving.Backends;

/// <summary>A chat completion in pieces. Its first piece is there; it holds a place of its deployment until it is disposed of.</summary>
sealed class StreamReply : BackendReply, IAsyncDisposable
{
    readonly HttpResponseMessage response;
    readonly EventReader events;
    bool first = true, finished;
    IDisposable? place;

    StreamReply(HttpResponseMessage response, EventReader events) => (this.response, this.events) = (response, events);

    /// <summary>The piece that was read last; its bytes are gone with the next.</summary>
    public ReadOnlyMemory<byte> Json => events.Data;

    /// <summary>What it says.</summary>
    public WireReply Piece { get; private set; }

    /// <summary>Reads the first piece.</summary>
    /// <exception cref="ModelException">There is none.</exception>
    public static async ValueTask<StreamReply> OpenAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var reply = new StreamReply(response, new EventReader(await response.Content.ReadAsStreamAsync(cancellationToken)));
        try
        {
            return await reply.ReadAsync(cancellationToken) ? reply : throw new ModelException(ModelFailure.Broken, "The answer has no piece.");
        }
        catch
        {
            await reply.DisposeAsync();
            throw;
        }
    }

    /// <summary>Keeps a place until the end.</summary>
    public void Hold(IDisposable held) => place = held;

    /// <summary>Reads the next piece, the first one first; false at the end.</summary>
    /// <exception cref="ModelException">It broke off, or holds something else.</exception>
    public ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        if (!first)
            return ReadAsync(cancellationToken);
        first = false;
        return new(true);
    }

    async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await events.NextAsync(cancellationToken))
                return events.IsDone || finished ? false : throw new ModelException(ModelFailure.Broken, "The answer stopped without its end.");
            Piece = WireReply.Read(events.Data.Span);
            finished |= Piece.Finish is not null;
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
#pragma warning disable MA0054 // Without the cause: its message quotes the endpoint.
            throw ModelTransport.Failure(e);
#pragma warning restore MA0054
        }
    }

    public async ValueTask DisposeAsync()
    {
        await events.DisposeAsync();
        response.Dispose();
        Interlocked.Exchange(ref place, null)?.Dispose();
    }
}
