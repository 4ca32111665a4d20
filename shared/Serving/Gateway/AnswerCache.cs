using System.Numerics.Tensors;
using AiOs.Serving.Routing;
using AiOs.Serving.Wire;
using Microsoft.Extensions.AI;

namespace AiOs.Serving.Gateway;

/// <summary>An answer that is given again.</summary>
/// <param name="Json">As it was given.</param>
/// <param name="ByMeaning">Whether the question was another one of nearly the same meaning.</param>
sealed record KeptAnswer(ReadOnlyMemory<byte> Json, bool ByMeaning);

/// <summary>Answers of this process, each for its principal, its app and its model alone. What is marked sensitive is never here. The oldest go first where there are too many.</summary>
sealed class AnswerCache(IEmbeddingGenerator<string, Embedding<float>> encoder, TimeProvider clock)
{
    const int Most = 4_096, MostBytes = 64 * 1024 * 1024, MostOfAFrame = 256;

    readonly Lock gate = new();
    readonly Dictionary<Key, LinkedListNode<Entry>> exact = [];
    readonly Dictionary<Key, List<Entry>> frames = [];
    readonly LinkedList<Entry> byAge = new();
    long bytes;

    /// <summary>An answer before anybody is asked, where the model is so configured.</summary>
    public ValueTask<KeptAnswer?> FirstAsync(ModelRoute route, WireRequest request, CallTerms terms, CancellationToken cancellationToken) =>
        route.Settings.Cache is { Use: CacheUse.Always } ? FindAsync(route, request, terms, cancellationToken) : default;

    /// <summary>An answer where nobody answered.</summary>
    public ValueTask<KeptAnswer?> LastAsync(ModelRoute route, WireRequest request, CallTerms terms, CancellationToken cancellationToken) =>
        route.Settings.Cache is { Use: CacheUse.Fallback } ? FindAsync(route, request, terms, cancellationToken) : default;

    /// <summary>Keeps an answer, unless the model keeps none or the call is sensitive.</summary>
    public void Keep(ModelRoute route, WireRequest request, CallTerms terms, ReadOnlyMemory<byte> json)
    {
        if (route.Settings.Cache is not { } settings || terms.Sensitive || json.Length > MostBytes / 64)
            return;
        var frame = settings.Likeness is null || request.Frame() is not { } digest ? (Key?)null : new Key(route.Name, terms.App, terms.Principal, digest);
        var entry = new Entry(KeyOf(route, request, terms), frame, request.Question, json, clock.GetUtcNow() + settings.Keep);
        lock (gate)
        {
            if (exact.TryGetValue(entry.Key, out var older))
                Remove(older);
            exact[entry.Key] = byAge.AddLast(entry);
            bytes += json.Length;
            if (frame is { } place)
            {
                if (!frames.TryGetValue(place, out var like))
                    frames[place] = like = [];
                if (like.Count >= MostOfAFrame)
                    Remove(exact[like[0].Key]);
                frames.TryAdd(place, like);
                like.Add(entry);
            }
            while (byAge.Count > Most || bytes > MostBytes)
                Remove(byAge.First!);
        }
    }

    async ValueTask<KeptAnswer?> FindAsync(ModelRoute route, WireRequest request, CallTerms terms, CancellationToken cancellationToken)
    {
        if (terms.Sensitive)
            return null;
        Entry[] like;
        lock (gate)
        {
            if (exact.TryGetValue(KeyOf(route, request, terms), out var same) && Lives(same))
                return new KeptAnswer(same.Value.Json, ByMeaning: false);
            if (route.Settings.Cache!.Likeness is null || request.Question is null || request.Frame() is not { } digest
                || !frames.TryGetValue(new Key(route.Name, terms.App, terms.Principal, digest), out var all))
                return null;
            like = [.. all.Where(entry => entry.Until > clock.GetUtcNow())];
        }
        return like.Length == 0 ? null : await NearestAsync(request.Question, like, route.Settings.Cache.Likeness.Value, cancellationToken);
    }

    /// <summary>The encoder remembers the vectors of recent texts, so they are not kept a second time.</summary>
    async ValueTask<KeptAnswer?> NearestAsync(string question, Entry[] like, double likeness, CancellationToken cancellationToken)
    {
        var vectors = await encoder.GenerateAsync([question, .. like.Select(entry => entry.Question!)], cancellationToken: cancellationToken);
        var (best, cosine) = (-1, likeness);
        for (var i = 0; i < like.Length; i++)
            if (TensorPrimitives.Dot(vectors[0].Vector.Span, vectors[i + 1].Vector.Span) is var near && near >= cosine)
                (best, cosine) = (i, near);
        return best < 0 ? null : new KeptAnswer(like[best].Json, ByMeaning: true);
    }

    bool Lives(LinkedListNode<Entry> node)
    {
        if (node.Value.Until > clock.GetUtcNow())
            return true;
        Remove(node);
        return false;
    }

    void Remove(LinkedListNode<Entry> node)
    {
        byAge.Remove(node);
        exact.Remove(node.Value.Key);
        bytes -= node.Value.Json.Length;
        if (node.Value.Frame is { } frame && frames.TryGetValue(frame, out var like) && like.Remove(node.Value) && like.Count == 0)
            frames.Remove(frame);
    }

    static Key KeyOf(ModelRoute route, WireRequest request, CallTerms terms) => new(route.Name, terms.App, terms.Principal, request.Digest());

    readonly record struct Key(string Model, string App, string Principal, string Digest);

    sealed record Entry(Key Key, Key? Frame, string? Question, ReadOnlyMemory<byte> Json, DateTimeOffset Until);
}
