using System.Buffers;
using System.IO.Pipelines;
using AiOs.Serving.Chat;

namespace AiOs.Serving.Wire;

/// <summary>Reads server-sent events (WHATWG HTML, section 9.2) as endpoints of models send them: the data of one event after the other, until <c>[DONE]</c>.</summary>
sealed class EventReader(Stream stream) : IAsyncDisposable
{
    const int LongestLine = 1024 * 1024;
    const long LongestAnswer = 64L * 1024 * 1024;

    readonly PipeReader pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 8 * 1024));
    SequencePosition examined;
    bool pending;
    long read;

    /// <summary>The data of the event that was read last; gone with the next.</summary>
    public ReadOnlyMemory<byte> Data { get; private set; }

    /// <summary>Whether the endpoint said that it is done.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Reads the next event; false at the end, said or not.</summary>
    /// <exception cref="ModelException">It is longer than any that makes sense.</exception>
    public async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        while (!IsDone)
        {
            Advance();
            var result = await pipe.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            var end = buffer.PositionOf((byte)'\n');
            if (end is null)
            {
                if (result.IsCompleted)
                {
                    pipe.AdvanceTo(buffer.End);
                    return false;
                }
                if (buffer.Length > LongestLine)
                    throw new ModelException(ModelFailure.Broken, "An event of the stream has no end.");
                pipe.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }
            var line = buffer.Slice(0, end.Value);
            (examined, pending) = (buffer.GetPosition(1, end.Value), true);
            if ((read += line.Length) > LongestAnswer)
                throw new ModelException(ModelFailure.Broken, "The answer has no end.");
            if (IsData(line))
                return !IsDone;
        }
        return false;
    }

    bool IsData(in ReadOnlySequence<byte> line)
    {
        var bytes = line.IsSingleSegment ? line.First : line.ToArray();
        if (bytes.Length > 0 && bytes.Span[^1] == '\r')
            bytes = bytes[..^1];
        if (!bytes.Span.StartsWith("data:"u8))
            return bytes.Length == 0 || bytes.Span[0] is (byte)':' or (byte)'e' or (byte)'i' or (byte)'r' ? false : throw new ModelException(ModelFailure.Broken, "The stream holds something else than events.");
        bytes = bytes[(bytes.Length > 5 && bytes.Span[5] == ' ' ? 6 : 5)..];
        IsDone = bytes.Span.SequenceEqual("[DONE]"u8);
        Data = bytes;
        return bytes.Length > 0;
    }

    void Advance()
    {
        if (pending)
            pipe.AdvanceTo(examined);
        pending = false;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => pipe.CompleteAsync();
}
